// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.client.kernel.KernelSink;
import io.netrng.client.kernel.KernelState;
import io.netrng.client.sink.FeedBuffer;
import java.time.Duration;
import java.util.Optional;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** UP while the kernel gets entropy: the sink has taken some within the limit. */
final class KernelHealth extends AbstractHealthIndicator {

  private static final String REASON = "reason";

  private final KernelFreshness freshness;
  private final FeedBuffer feed;

  KernelHealth(KernelFreshness freshness, FeedBuffer feed) {
    this.freshness = freshness;
    this.feed = feed;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Duration limit = freshness.limit();
    Optional<Duration> ago = freshness.sink().sinceTaken();
    if (ago.filter(time -> time.compareTo(limit) <= 0).isPresent()) {
      health.up();
    } else {
      String who = freshness.sink() instanceof KernelSink ? "the kernel" : "rngd";
      health
          .down()
          .withDetail(
              REASON,
              ago.isPresent()
                  ? who + " has taken no entropy for " + ago.get().toSeconds() + " s"
                  : who + " has taken no entropy yet");
    }
    if (freshness.sink() instanceof KernelSink kernel) {
      describe(kernel, health);
    }
    ago.ifPresent(time -> health.withDetail("secondsSinceTaken", time.toSeconds()));
    health
        .withDetail("atMostSeconds", limit.toSeconds())
        .withDetail("consumedBytes", feed.consumedBytes())
        .withDetail("fedBytes", feed.fedBytes());
  }

  private static void describe(KernelSink kernel, Health.Builder health) {
    if (kernel.state() instanceof KernelState.Failed(var detail, var retryAt)) {
      health.down().withDetail(REASON, detail).withDetail("retryAt", retryAt.toString());
    }
    health
        .withDetail("creditBitsPerByte", kernel.creditBitsPerByte())
        .withDetail("creditedBits", kernel.creditedBits())
        .withDetail("reseeds", kernel.reseeds());
  }
}
