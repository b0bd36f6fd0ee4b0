// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.client.rngd.FeedBuffer;
import io.netrng.client.rngd.RngdSupervisor;
import io.netrng.client.stream.StreamStatus;
import java.time.Duration;
import java.util.Optional;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * UP while the kernel gets entropy: rngd has read some within a limit. With a guarantee, the limit
 * is the time in which three blocks of rngd and three samples are due at the granted rate. Best
 * effort has no rate, so its limit is three times the longest of the recent waits. The limit is
 * never less than one minute.
 */
final class KernelHealth extends AbstractHealthIndicator {

  private static final Duration LEAST = Duration.ofMinutes(1);

  /** Waits vary, mainly with the number of clients. */
  private static final int WAITS = 3;

  private final StreamStatus stream;
  private final FeedBuffer feed;
  private final RngdSupervisor rngd;

  KernelHealth(StreamStatus stream, FeedBuffer feed, RngdSupervisor rngd) {
    this.stream = stream;
    this.feed = feed;
    this.rngd = rngd;
  }

  /**
   * Returns the limit: the longest time since rngd last read entropy at which the state is UP.
   *
   * @param due the time in which three blocks and three samples are due; empty for best effort
   * @param longestWait the longest of the recent waits for entropy
   */
  static Duration lately(Optional<Duration> due, Duration longestWait) {
    Duration expected = due.orElse(longestWait.multipliedBy(WAITS));
    return expected.compareTo(LEAST) > 0 ? expected : LEAST;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Duration lately = lately(stream.dueTime(), rngd.longestWait());
    Optional<Duration> ago = rngd.sinceTaken();
    if (ago.filter(time -> time.compareTo(lately) <= 0).isPresent()) {
      health.up();
    } else {
      health
          .down()
          .withDetail(
              "reason",
              ago.isPresent()
                  ? "rngd has taken no entropy for " + ago.get().toSeconds() + " s"
                  : "rngd has taken no entropy yet");
    }
    ago.ifPresent(time -> health.withDetail("secondsSinceTaken", time.toSeconds()));
    health
        .withDetail("atMostSeconds", lately.toSeconds())
        .withDetail("consumedBytes", feed.consumedBytes())
        .withDetail("fedBytes", feed.fedBytes());
  }
}
