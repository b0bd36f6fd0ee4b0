package io.netrng.server.source;

import io.netrng.server.healthtest.EntropyEstimate;
import io.netrng.server.healthtest.HealthTest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A device as it was a moment ago.
 *
 * @param device its path, as configured
 * @param state what it is doing
 * @param reason why it failed, for people; null in other states
 * @param untilRetry how long until it is tried again; null unless it failed
 * @param untilTested how long its start-up test can be expected to take from now on, or from when
 *     it is tried again; null unless it is on trial or failed
 * @param testFailures how often it has failed each health test since the start
 * @param lastFailure its last failure since the start; null if there was none
 * @param figures what its bytes that passed look like in large numbers
 * @param bytesRead bytes read since the start
 * @param rate bytes per second while it is being read, over the last seconds of reading; 0 before
 * @param capacity bytes per second that it can give: what was measured, or its share of what an
 *     operator has set; NaN while that is not known, 0 while it has failed, is exhausted or silent
 * @param capacityAge how long ago that was measured; zero if it was not
 * @param untilCapacity how long until a value can be expected; null unless it is being measured
 * @param silence how long somebody has been waiting for a byte of it; zero if nobody is
 * @param silent whether that is or was so long that it is held to give nothing, until it does
 */
public record DeviceStatus(
    Path device,
    DeviceState state,
    @Nullable String reason,
    @Nullable Duration untilRetry,
    @Nullable Duration untilTested,
    Map<HealthTest, Long> testFailures,
    @Nullable Failure lastFailure,
    EntropyEstimate figures,
    long bytesRead,
    double rate,
    double capacity,
    Duration capacityAge,
    @Nullable Duration untilCapacity,
    Duration silence,
    boolean silent) {

  /**
   * What a device did wrong.
   *
   * @param at when
   * @param reason for people
   */
  public record Failure(Instant at, String reason) {}

  /** When it can be expected to give samples; null if that is not known, or it gives some. */
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
