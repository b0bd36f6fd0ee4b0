// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.netrng.client.rngd.RngdState;
import io.netrng.client.rngd.RngdSupervisor;
import io.netrng.client.sink.Sink;
import java.util.Map;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/** The path and the family of the rngd in use. */
final class RngdInfo implements InfoContributor {

  private final Sink sink;

  RngdInfo(Sink sink) {
    this.sink = sink;
  }

  @Override
  public void contribute(Info.Builder info) {
    if (sink instanceof RngdSupervisor rngd && rngd.state() instanceof RngdState.Running running) {
      info.withDetail(
          "rngd",
          Map.of(
              "path", running.program().path().toString(),
              "family", running.program().family().label(),
              "arguments", String.join(" ", running.program().arguments())));
    }
  }
}
