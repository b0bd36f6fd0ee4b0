// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * The kicked clients that are refused for a time. The key is identity and label, because the pods
 * of a DaemonSet may share one certificate. Kept in memory: a restart lifts all holds.
 */
public final class Holds {

  private final LongSupplier nanoTime;
  private final Map<Key, Entry> holds = new HashMap<>();

  private record Key(String identity, String label) {}

  private record Entry(String id, long end) {}

  /**
   * A hold and its remaining time.
   *
   * @param id a random name
   * @param identity the client's identity
   * @param label the client's label
   * @param left the remaining time
   */
  public record Hold(String id, String identity, String label, Duration left) {}

  /**
   * Creates an empty set of holds.
   *
   * @param nanoTime a clock, in nanoseconds
   */
  Holds(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Refuses a client from now on; replaces an earlier hold of the same client. */
  synchronized void add(String identity, String label, Duration time) {
    String id = Long.toUnsignedString(ThreadLocalRandom.current().nextLong());
    holds.put(new Key(identity, label), new Entry(id, nanoTime.getAsLong() + time.toNanos()));
  }

  /** The remaining time of a client's hold; empty without a hold. */
  synchronized Optional<Duration> left(String identity, String label) {
    removeEnded();
    return Optional.ofNullable(holds.get(new Key(identity, label))).map(this::left);
  }

  /** All holds that have not expired. */
  public synchronized List<Hold> all() {
    removeEnded();
    return holds.entrySet().stream()
        .map(e ->
            new Hold(e.getValue().id, e.getKey().identity, e.getKey().label, left(e.getValue())))
        .toList();
  }

  /**
   * Ends a hold.
   *
   * @return the hold that ended; empty if no hold has this name
   */
  public synchronized Optional<Hold> lift(String id) {
    Optional<Hold> lifted = all().stream().filter(hold -> hold.id.equals(id)).findAny();
    lifted.ifPresent(hold -> holds.remove(new Key(hold.identity, hold.label)));
    return lifted;
  }

  private Duration left(Entry entry) {
    return Duration.ofNanos(entry.end - nanoTime.getAsLong());
  }

  private void removeEnded() {
    holds.values().removeIf(entry -> entry.end - nanoTime.getAsLong() <= 0);
  }
}
