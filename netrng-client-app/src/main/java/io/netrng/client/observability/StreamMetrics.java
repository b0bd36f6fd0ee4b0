// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.client.stream.ServerAddress;
import io.netrng.client.stream.ServerState;
import io.netrng.client.stream.StreamState;
import io.netrng.client.stream.StreamStatus;

/** The metrics of the stream. */
final class StreamMetrics implements MeterBinder {

  private static final String BYTES = "bytes";

  private final StreamStatus stream;

  StreamMetrics(StreamStatus stream) {
    this.stream = stream;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("netrng.received", stream, StreamStatus::receivedBytes)
        .baseUnit(BYTES)
        .description("Entropy received from servers")
        .register(registry);
    Gauge.builder(
            "netrng.stream.up", stream, s -> s.state() instanceof StreamState.Streaming ? 1 : 0)
        .description("1 while a server admits the client")
        .register(registry);
    FunctionCounter.builder("netrng.stream.failbacks", stream, StreamStatus::failbacks)
        .description("Returns of the stream to a preferred server")
        .register(registry);
    for (String reason : StreamStatus.reasons()) {
      FunctionCounter.builder("netrng.stream.failures", stream, s -> s.failures(reason))
          .description("Connections to servers that failed or ended, by reason")
          .tag("reason", reason)
          .register(registry);
    }
    for (ServerAddress server : stream.servers()) {
      for (ServerState state : ServerState.values()) {
        Gauge.builder("netrng.server.state", stream, s -> s.stateOf(server) == state ? 1 : 0)
            .description("1 for the state of the server, 0 for the others")
            .tag("server", server.toString())
            .tag("state", state.externalName())
            .register(registry);
      }
    }
  }
}
