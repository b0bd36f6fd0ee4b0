// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.bench.PromiseClient.Behaviour;
import io.netrng.bench.PromiseClient.Plan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Compares the servers' capacity estimates with the real rates of their devices. It measures after
 * a minute at full demand, one at a third of it, and one without demand.
 */
final class CapacityEstimate {

  private static final int PHASE_SECONDS = 60;
  private static final int MODEST_PART = 3;

  private CapacityEstimate() {}

  /** A server and its device of a known rate. */
  private record Device(String name, int bytesPerSecond, FifoServer server)
      implements AutoCloseable {

    static Device start(String name, int bytesPerSecond, String sampleSize)
        throws IOException, InterruptedException {
      return new Device(
          name,
          bytesPerSecond,
          FifoServer.start(
              bytesPerSecond,
              "netrng.server.sample-size=" + sampleSize,
              "netrng.server.default-guarantee=0B/s"));
    }

    Worker greedyClient() throws IOException {
      return server.clients(List.of(new Plan(Behaviour.GREEDY, "greedy", 0)));
    }

    Worker modestClient() throws IOException {
      return server.clients(
          List.of(new Plan(Behaviour.MODEST, "modest", bytesPerSecond / MODEST_PART)));
    }

    Row estimate(String after) throws IOException, InterruptedException {
      return Row.beside(
          "capacity of %s, estimated after %s".formatted(name, after),
          "B/s",
          List.of(server.server().metric("netrng_source_capacity_bytes_per_second")),
          "set",
          List.of((double) bytesPerSecond),
          Goal.between(0.9, 1.1));
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  static List<Row> rows() throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    try (Device slow = Device.start("1 KiB/s", 1_024, "64B");
        Device middle = Device.start("64 KiB/s", 64 * 1_024, "512B");
        Device fast = Device.start("10 MiB/s", 10 * 1_024 * 1_024, "2KB")) {
      List<Device> devices = List.of(slow, middle, fast);
      try (Worker _ = slow.greedyClient();
          Worker _ = middle.greedyClient();
          Worker _ = fast.greedyClient()) {
        rows.addAll(writtenInBusyPhase(devices));
        rows.addAll(estimates(devices, "a busy minute"));
      }
      try (Worker _ = slow.modestClient();
          Worker _ = middle.modestClient();
          Worker _ = fast.modestClient()) {
        TimeUnit.SECONDS.sleep(PHASE_SECONDS);
        rows.addAll(estimates(devices, "a minute of a third"));
      }
      TimeUnit.SECONDS.sleep(PHASE_SECONDS);
      rows.addAll(estimates(devices, "an idle minute"));
    }
    return rows;
  }

  private static List<Row> estimates(List<Device> devices, String after)
      throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    for (Device device : devices) {
      rows.add(device.estimate(after));
    }
    return rows;
  }

  /** Verifies that the devices delivered their set rate: in the second half, all had caught up. */
  private static List<Row> writtenInBusyPhase(List<Device> devices)
      throws IOException, InterruptedException {
    TimeUnit.SECONDS.sleep(PHASE_SECONDS / 2);
    List<Long> before = written(devices);
    long begun = System.nanoTime();
    TimeUnit.SECONDS.sleep(PHASE_SECONDS / 2);
    double seconds = (System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1);
    List<Long> after = written(devices);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < devices.size(); i++) {
      rows.add(
          Row.beside(
              "written to the FIFO of %s while it was busy".formatted(devices.get(i).name()),
              "B/s",
              List.of((after.get(i) - before.get(i)) / seconds),
              "set",
              List.of((double) devices.get(i).bytesPerSecond()),
              Goal.between(0.98, 1.02)));
    }
    return rows;
  }

  private static List<Long> written(List<Device> devices) throws IOException {
    List<Long> written = new ArrayList<>();
    for (Device device : devices) {
      written.add(device.server().setRate(device.bytesPerSecond()));
    }
    return written;
  }
}
