// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import io.netrng.server.session.SessionRegistry;
import io.netrng.server.source.Source;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Component {@code promise}: DEGRADED while the devices provide less than the sum of the
 * guarantees. All clients then receive the same share of their guarantee, and no new guarantee is
 * admitted.
 */
final class PromiseHealthIndicator extends AbstractHealthIndicator {

  private static final String DEGRADED = "DEGRADED";

  private final Source source;
  private final SessionRegistry sessions;

  PromiseHealthIndicator(Source source, SessionRegistry sessions) {
    super("the state of the promises cannot be read");
    this.source = source;
    this.sessions = sessions;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    long promised = sessions.promised();
    double capacity = source.status().capacity();
    builder
        .status(sessions.isDegraded() ? DEGRADED : "UP")
        .withDetail("promisedBytesPerSecond", promised)
        .withDetail("promisableBytesPerSecond", Math.round(sessions.promisable()))
        .withDetail("capacityBytesPerSecond", Math.round(capacity));
  }
}
