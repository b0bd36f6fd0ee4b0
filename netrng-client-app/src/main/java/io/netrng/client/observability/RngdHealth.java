// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.client.rngd.RngdFailure;
import io.netrng.client.rngd.RngdState;
import io.netrng.client.rngd.RngdSupervisor;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** UP while rngd runs and no earlier failure is unresolved. */
final class RngdHealth extends AbstractHealthIndicator {

  private final RngdSupervisor rngd;

  RngdHealth(RngdSupervisor rngd) {
    this.rngd = rngd;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
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
