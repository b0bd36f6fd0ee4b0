// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netrng.server.entropyapi.EntropyApiServer;

/** The metrics of the HTTP entropy API; its clients and bytes are in {@link SessionMetrics}. */
final class EntropyApiMetrics {

  EntropyApiMetrics(MeterRegistry registry, EntropyApiServer server) {
    // Includes statuses without an answer yet, because a counter that does not start at zero has no
    // first increase.
    for (int status : EntropyApiServer.STATUSES) {
      FunctionCounter.builder("netrng.entropy.api.requests", server, s -> s.answers(status))
          .description("Requests of the entropy API that were answered, by HTTP status.")
          .tag("status", Integer.toString(status))
          .register(registry);
    }
  }
}
