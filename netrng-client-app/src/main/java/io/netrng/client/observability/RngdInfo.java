// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.client.rngd.RngdState;
import io.netrng.client.rngd.RngdSupervisor;
import java.util.Map;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/** The path and the family of the rngd in use. */
final class RngdInfo implements InfoContributor {

  private final RngdSupervisor rngd;

  RngdInfo(RngdSupervisor rngd) {
    this.rngd = rngd;
  }

  @Override
  public void contribute(Info.Builder info) {
    if (rngd.state() instanceof RngdState.Running running) {
      info.withDetail(
          "rngd",
          Map.of(
              "path", running.program().path().toString(),
              "family", running.program().family().label(),
              "arguments", String.join(" ", running.program().arguments())));
    }
  }
}
