// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.device.DeviceInfo;
import io.netrng.server.device.DeviceWarning;
import io.netrng.server.healthtest.EntropyEstimate;
import io.netrng.server.healthtest.HealthTest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a device.
 *
 * @param device its name, as configured
 * @param info what it is
 * @param state its state
 * @param reason the reason of its failure, as text; null in other states
 * @param untilRetry the time until it is retried; null unless it failed
 * @param untilTested the expected duration of its start-up test, from now on or from the retry on;
 *     null unless its state is STARTUP or FAILED
 * @param testFailures the number of failures of each health test since the start
 * @param lastTest the result of its last start-up test; null before the first
 * @param lastFailure its last failure since the start; null without a failure
 * @param figures the statistics of its bytes that passed the tests, before they are conditioned
 * @param bytesRead bytes read since the start
 * @param rate bytes read per second while it is being read, over the last seconds of reading; 0
 *     before
 * @param capacity its capacity in released bytes per second: the measured value, or its share of
 *     the configured one; NaN while it is unknown, 0 while the device has failed, is exhausted or
 *     silent
 * @param capacityAge the age of the measured value; zero without one
 * @param untilCapacity the expected time until a value; null unless the capacity is being measured
 * @param silence how long a client has waited for a byte of it; zero without a waiting client
 * @param silent whether a client waited so long that the device counts as stalled until its next
 *     byte
 * @param warnings the reasons not to trust it
 * @param minEntropyClaim bits of min-entropy claimed for each byte read
 * @param outputRatio bytes released for each byte read; less than 1 if they are conditioned
 */
public record DeviceStatus(
    String device,
    DeviceInfo info,
    DeviceState state,
    @Nullable String reason,
    @Nullable Duration untilRetry,
    @Nullable Duration untilTested,
    Map<HealthTest, Long> testFailures,
    @Nullable TestResult lastTest,
    @Nullable Failure lastFailure,
    EntropyEstimate figures,
    long bytesRead,
    double rate,
    double capacity,
    Duration capacityAge,
    @Nullable Duration untilCapacity,
    Duration silence,
    boolean silent,
    List<DeviceWarning> warnings,
    double minEntropyClaim,
    double outputRatio) {

  /**
   * The result of a start-up test (SP 800-90B 4.3), which is also the on-demand test.
   *
   * @param at the time
   * @param failed the test that failed; null if all passed
   */
  public record TestResult(Instant at, @Nullable HealthTest failed) {}

  /**
   * A failure of a device.
   *
   * @param at the time
   * @param reason the reason, as text
   */
  public record Failure(Instant at, String reason) {}

  /** How its bytes are conditioned, never {@link Conditioning#AUTO}. */
  public Conditioning conditioning() {
    return outputRatio < 1 ? Conditioning.SHA_512 : Conditioning.NONE;
  }

  /** The expected time until samples; null if it is unknown or the device provides samples now. */
  @Nullable Duration untilReady() {
    Duration tried = untilTested;
    if (tried != null && untilRetry != null) {
      tried = tried.plus(untilRetry);
    }
    if (tried == null || untilCapacity == null) {
      return tried == null ? untilCapacity : tried;
    }
    return tried.compareTo(untilCapacity) > 0 ? tried : untilCapacity;
  }
}
