package io.netrng.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What {@link PromiseClients} receive, second by second. */
final class Deliveries {

  private final Worker clients;
  private final List<Reading> readings = new ArrayList<>();

  /**
   * One of their lines.
   *
   * @param nanoTime when it was
   * @param bytes what each client had received by then
   */
  private record Reading(long nanoTime, List<Long> bytes) {

    static Reading parse(String line) {
      List<Long> numbers = Arrays.stream(line.split(" ", -1)).map(Long::valueOf).toList();
      return new Reading(numbers.getFirst(), numbers.subList(1, numbers.size()));
    }
  }

  /** Begins with their next line. */
  Deliveries(Worker clients) throws IOException {
    this.clients = clients;
    readings.add(Reading.parse(clients.readLine()));
  }

  /** Follows the clients for some time more. */
  void follow(int seconds) throws IOException {
    for (int i = 0; i < seconds; i++) {
      readings.add(Reading.parse(clients.readLine()));
    }
  }

  /** Bytes per second that a client has received from a certain second on. */
  double rate(int client, int fromSecond) {
    return rate(client, readings.get(fromSecond), readings.getLast());
  }

  /** The least of the bytes per second that a client received in windows that begin each second. */
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
