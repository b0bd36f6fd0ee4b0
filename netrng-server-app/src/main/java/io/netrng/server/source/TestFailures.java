// SPDX-License-Identifier: Apache-2.0
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
 * Counts a device's failures of its health tests and computes the pauses after them. Failures count
 * as in a row until the device has passed as many bytes as the tests remember. Written by one
 * thread.
 */
final class TestFailures {

  /** A test can fail by chance: the first failures in a row are retried without a pause. */
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
   * Records bytes that passed.
   *
   * @param bytes since the last failure
   */
  void passed(long bytes) {
    if (bytes >= HealthTests.MEMORY_SIZE && inARow.get() > 0) {
      inARow.set(0);
      pauses = backOff.start();
    }
  }

  /** The number of failures in a row. */
  int inARow() {
    return inARow.get();
  }

  /** The number of failures of each test since the start. */
  Map<HealthTest, Long> counts() {
    Map<HealthTest, Long> all = new EnumMap<>(HealthTest.class);
    counts.forEach((test, count) -> all.put(test, count.get()));
    return all;
  }
}
