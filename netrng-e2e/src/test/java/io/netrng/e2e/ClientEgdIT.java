// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/** Guests of a client's machine that draw over EGD, beside the kernel of this machine. */
class ClientEgdIT {

  private static final int DEVICE_SIZE = 8 << 20;
  private static final String FED = "netrng_kernel_fed_bytes_total";
  private static final String KERNEL = "netrng.client.sink=kernel";
  private static final String DELIVERED = "netrng_egd_delivered_bytes_total";
  private static final String CONNECTIONS = "netrng_egd_connections";

  /** More than the sessions and connections can hold on the way. */
  private static final int MEASURED = 256 * 1024;

  /** With equal shares, each has a third. */
  private static final double LEAST_SHARE = 0.28;

  @TempDir private Path dir;

  private Path socket() {
    return dir.resolve("egd.sock");
  }

  @Test
  void theKernelAndTwoGreedyGuestsReceiveEqualSharesOfBytesThatNoOtherReceives() throws Exception {
    byte[] random = new byte[DEVICE_SIZE];
    new SplittableRandom(20).nextBytes(random);
    Path device = Files.write(dir.resolve("device"), random);
    try (AppProcess server = AppProcess.server("--netrng.server.source.devices=" + device);
        AppProcess client =
            AppProcess.client(
                "--netrng.client.sink=kernel",
                "--netrng.client.servers=" + server.address(),
                "--netrng.client.egd.listen=" + socket(),
                "--netrng.client.max-rate=128KB/s");
        FeedTrace trace = new FeedTrace(client, dir.resolve("calls"));
        EgdReader one = new EgdReader(socket());
        EgdReader other = new EgdReader(socket())) {
      // given all three receive bytes
      awaitReceived(1, one, other);
      trace.awaitCallsAfter(Instant.now(), 1);
      double[] before = {one.received(), other.received(), client.metric(FED)};

      // when
      awaitReceived(MEASURED, one, other);

      // then
      double[] after = {one.received(), other.received(), client.metric(FED)};
      double[] shares = {after[0] - before[0], after[1] - before[1], after[2] - before[2]};
      double sum = DoubleStream.of(shares).sum();
      assertThat(DoubleStream.of(shares).min().orElseThrow() / sum)
          .as("the least share of the kernel and two guests")
          .isGreaterThan(LEAST_SHARE);

      // and
      Map<Long, Integer> words = words(random);
      Set<Integer> places = new HashSet<>();
      addPlaces(one.bytes(), words, places);
      addPlaces(other.bytes(), words, places);
      List<FeedTrace.Call> calls = trace.calls();
      for (FeedTrace.Call call : calls) {
        addPlaces(call.bytes().array(), words, places);
      }
      assertThat(calls.stream().mapToInt(call -> call.bytes().remaining()).sum())
          .isGreaterThan(MEASURED / 2);
      assertThat(client.metric(CONNECTIONS)).isEqualTo(2);
      assertThat(client.metric(DELIVERED)).isGreaterThanOrEqualTo(2.0 * MEASURED);
      assertThat(client.log()).contains("listening for EGD clients", "EGD client connected");
      assertThat(Machine.warnings(client.log())).isEmpty();
    }
  }

  private static void awaitReceived(long bytes, EgdReader... readers) {
    for (EgdReader reader : readers) {
      await("a guest receives entropy")
          .atMost(AppProcess.PATIENCE)
          .until(() -> reader.received() >= bytes);
    }
  }

  /** Returns the places of the words of a device. */
  private static Map<Long, Integer> words(byte[] device) {
    Map<Long, Integer> places = new HashMap<>();
    ByteBuffer words = ByteBuffer.wrap(device);
    while (words.hasRemaining()) {
      places.put(words.getLong(), words.position());
    }
    return places;
  }

  /** Finds the place of each word of whole or partial samples, and fails if it is taken already. */
  private static void addPlaces(byte[] bytes, Map<Long, Integer> words, Set<Integer> places) {
    ByteBuffer found = ByteBuffer.wrap(bytes);
    while (found.remaining() >= Long.BYTES && !words.containsKey(found.getLong(found.position()))) {
      found.get();
      assertThat(found.position()).as("a word begins within its size").isLessThan(Long.BYTES);
    }
    while (found.remaining() >= Long.BYTES) {
      Integer place = words.get(found.getLong());
      assertThat(place).as("a word of the device").isNotNull();
      assertThat(places.add(place)).as("the word at %s has one consumer", place).isTrue();
    }
  }

  /** Starts a client with the properties of the documentation, and another socket. */
  private AppProcess documentedClient(AppProcess server, String... properties) throws IOException {
    return AppProcess.client(
        Stream.concat(
                Stream.concat(
                    Stream.of(properties), Stream.of("netrng.client.servers=" + server.address())),
                Blocks.tested("guests of a client", "docs/sinks.md")
                    .replace("/run/netrng-client/qemu.sock", socket().toString())
                    .lines())
            .map("--"::concat)
            .toArray(String[]::new));
  }

  @Test
  void aRequestDuringAnOutageIsAnsweredAfterwards() throws IOException {
    String device = "--netrng.server.source.devices=" + Machine.device();
    try (AppProcess server = AppProcess.server(device);
        AppProcess client = documentedClient(server, KERNEL)) {
      // given
      client.awaitMetric(FED, 1);
      int port = server.streamPort();
      server.stop();
      client.awaitHealth("/actuator/health/stream", 503);

      // when
      try (EgdReader guest = new EgdReader(socket())) {
        client.awaitMetric(CONNECTIONS, 1);
        assertThat(guest.received()).isZero();

        // then
        try (AppProcess _ = AppProcess.server(port, device)) {
          awaitReceived(4_096, guest);
          double fed = client.metric(FED);
          client.awaitMetric(FED, fed + 1);
        }
      }
      await("the connection is gone")
          .atMost(AppProcess.PATIENCE)
          .until(() -> client.metric(CONNECTIONS) == 0);
    }
  }

  @Test
  @EnabledOnOs(architectures = "amd64")
  void aGuestReadsBesideRngdAndAgainAfterItsClientWasKilledAndStarted() throws Exception {
    // given
    Guest.build();
    try (AppProcess server = AppProcess.server("--netrng.server.source.devices=/dev/urandom");
        Guest guest = Guest.boot(dir.resolve("guest"), Guest.withEgd(socket()))) {
      guest.run("(cat /dev/hwrng >/tmp/bytes) &");

      // when, then
      try (AppProcess client = documentedClient(server)) {
        guest.awaitMore("/tmp/bytes");
        client.awaitMetric("netrng_rngd_consumed_bytes_total", 1);
        client.kill();
      }
      try (AppProcess _ = documentedClient(server)) {
        guest.awaitMore("/tmp/bytes");
      }
    }
  }

  @Test
  void aClientThatReplacesItsProcessEndsTheConnectionsAndListensAgain() throws Exception {
    try (AppProcess server =
            AppProcess.server("--netrng.server.source.devices=" + Machine.device());
        AppProcess client = documentedClient(server, KERNEL);
        EgdReader before = new EgdReader(socket())) {
      // given
      awaitReceived(1, before);

      // when
      Machine.signal("USR1", client.handle());

      // then
      await("the connection has ended").atMost(AppProcess.PATIENCE).until(before::hasEnded);
      EgdReader after =
          await("the client listens again")
              .atMost(AppProcess.PATIENCE)
              .ignoreExceptionsInstanceOf(IOException.class)
              .until(() -> new EgdReader(socket()), _ -> true);
      try (after) {
        awaitReceived(4_096, after);
        client.awaitMetric("netrng_clone_detections_total", 1);
      }
    }
  }

  @Test
  void anAddressForOtherMachinesStopsTheStartWithTheFix() throws Exception {
    try (AppProcess client =
        AppProcess.start(List.of(), "client", "--netrng.client.egd.listen=0.0.0.0:8990")) {
      assertThat(client.exitCode()).isNotZero();
      assertThat(client.log())
          .contains(
              "netrng.client.egd.listen[0].address = 0.0.0.0:8990 is not possible:",
              "let other machines draw from the server")
          .doesNotContain("\tat ");
    }
  }
}
