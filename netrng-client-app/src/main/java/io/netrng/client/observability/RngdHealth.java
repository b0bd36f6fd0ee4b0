// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.client.rngd.RngdFailure;
import io.netrng.client.rngd.RngdState;
import io.netrng.client.rngd.RngdSupervisor;
import io.netrng.client.sink.Sink;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** UP while rngd runs and no earlier failure is unresolved; absent with another sink. */
final class RngdHealth implements HealthIndicator {

  private final Sink sink;

  RngdHealth(Sink sink) {
    this.sink = sink;
  }

  @Override
  public @Nullable Health health() {
    if (!(sink instanceof RngdSupervisor rngd)) {
      return null;
    }
    Health.Builder health = new Health.Builder();
    describe(rngd, health);
    return health.build();
  }

  private static void describe(RngdSupervisor rngd, Health.Builder health) {
    switch (rngd.state()) {
      case RngdState.Stopped() -> health.down().withDetail("reason", "not started");
      case RngdState.Running(var program, var pid, var since, var unresolved) -> {
        health.up();
        unresolved.ifPresent(failure -> failed(health, failure));
        health
            .withDetail("pid", pid)
            .withDetail("since", since.toString())
            .withDetail("program", program.path().toString())
            .withDetail("family", program.family().label());
      }
      case RngdState.Failed(var failure, var retryAt) -> {
        failed(health, failure);
        health.withDetail("retryAt", retryAt.toString());
      }
    }
    health.withDetail("restarts", rngd.restarts());
  }

  private static void failed(Health.Builder health, RngdFailure failure) {
    health
        .down()
        .withDetail("reason", failure.reason().externalName())
        .withDetail("detail", failure.detail());
  }
}
