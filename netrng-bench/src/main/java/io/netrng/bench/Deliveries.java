// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** The bytes that {@link PromiseClients} receive in each second. */
final class Deliveries {

  private final Worker clients;
  private final List<Reading> readings = new ArrayList<>();

  /**
   * One of their lines.
   *
   * @param nanoTime the time of the line
   * @param bytes the bytes that each client had received until then
   */
  private record Reading(long nanoTime, List<Long> bytes) {

    static Reading parse(String line) {
      List<Long> numbers = Arrays.stream(line.split(" ", -1)).map(Long::valueOf).toList();
      return new Reading(numbers.getFirst(), numbers.subList(1, numbers.size()));
    }
  }

  /** Starts with the next line of the clients. */
  Deliveries(Worker clients) throws IOException {
    this.clients = clients;
    readings.add(Reading.parse(clients.readLine()));
  }

  /** Reads the lines of the clients for some more seconds. */
  void follow(int seconds) throws IOException {
    for (int i = 0; i < seconds; i++) {
      readings.add(Reading.parse(clients.readLine()));
    }
  }

  /** Returns the bytes per second that a client has received from a second on. */
  double rate(int client, int fromSecond) {
    return rate(client, readings.get(fromSecond), readings.getLast());
  }

  /** Returns a client's lowest rate over windows that begin each second, in bytes per second. */
  double lowestRate(int client, int fromSecond, int windowSeconds) {
    return IntStream.range(fromSecond, readings.size() - windowSeconds)
        .mapToDouble(i -> rate(client, readings.get(i), readings.get(i + windowSeconds)))
        .min()
        .orElseThrow();
  }

  private static double rate(int client, Reading from, Reading to) {
    double seconds = (to.nanoTime - from.nanoTime) / (double) TimeUnit.SECONDS.toNanos(1);
    return (to.bytes.get(client) - from.bytes.get(client)) / seconds;
  }
}
