package io.netrng.server.source;

import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.healthtest.HealthTests;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;

/**
 * How often a device has failed its health tests, and how long it is left alone for that. Failures
 * are in a row until the device has passed as much as the tests remember. Written by one thread.
 */
final class TestFailures {

  /** Chance fails a test, too: the first failures in a row are followed by a test at once. */
  private static final int WITHOUT_PAUSE = 2;

  private final BackOff backOff;
  private final Map<HealthTest, AtomicLong> counts = new EnumMap<>(HealthTest.class);
  private BackOffExecution pauses;
  private final AtomicInteger inARow = new AtomicInteger();

  TestFailures(BackOff backOff) {
    this.backOff = backOff;
    for (HealthTest test : HealthTest.values()) {
      counts.put(test, new AtomicLong());
    }
    pauses = backOff.start();
  }

  /**
   * Counts a failure.
   *
   * @return the pause after it, in milliseconds
   */
  long add(HealthTest test) {
    Objects.requireNonNull(counts.get(test)).incrementAndGet();
    return inARow.incrementAndGet() > WITHOUT_PAUSE ? pauses.nextBackOff() : 0;
  }

  /**
   * Takes note of what has passed.
   *
   * @param bytes since the last failure
   */
  void passed(long bytes) {
    if (bytes >= HealthTests.MEMORY_SIZE && inARow.get() > 0) {
      inARow.set(0);
      pauses = backOff.start();
    }
  }

  /** How many there were since the device was sound for long. */
  int inARow() {
    return inARow.get();
  }

  /** How many there were of each test since the start. */
  Map<HealthTest, Long> counts() {
    Map<HealthTest, Long> all = new EnumMap<>(HealthTest.class);
    counts.forEach((test, count) -> all.put(test, count.get()));
    return all;
  }
}
