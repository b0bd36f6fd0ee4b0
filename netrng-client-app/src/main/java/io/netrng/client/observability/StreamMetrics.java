// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.observability;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.stream.ServerState;
import io.netrng.client.stream.StreamState;
import io.netrng.client.stream.StreamStatus;
import io.netrng.tls.Negotiated;
import java.util.Arrays;

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
    Gauge.builder("netrng.stream.up", stream, s -> s.isUp() ? 1 : 0)
        .description("1 while as many servers admit the client as it needs")
        .register(registry);
    bindCombination(registry);
    FunctionCounter.builder("netrng.stream.failbacks", stream, StreamStatus::failbacks)
        .description("Returns of the stream to a preferred server")
        .register(registry);
    for (String reason : StreamStatus.reasons()) {
      FunctionCounter.builder("netrng.stream.failures", stream, s -> s.failures(reason))
          .description("Connections to servers that failed or ended, by reason")
          .tag("reason", reason)
          .register(registry);
    }
    for (Negotiated.Labels labels : Negotiated.Labels.all()) {
      Gauge.builder("netrng.stream.tls", () -> number(labels))
          .description("Streams by TLS version, group of the key exchange, and cipher")
          .tag("version", labels.version())
          .tag("group", labels.group())
          .tag("cipher", labels.cipher())
          .register(registry);
    }
    MultiGauge states =
        MultiGauge.builder("netrng.server.state")
            .description("1 for the state of the server, 0 for the others")
            .register(registry);
    stream.onServersChange(() -> registerServers(states));
    registerServers(states);
  }

  /** Registers the gauges of the known servers instead of those of before. */
  private synchronized void registerServers(MultiGauge states) {
    states.register(
        stream.servers().stream()
            .flatMap(server -> Arrays.stream(ServerState.values()).map(state -> row(server, state)))
            .toList(),
        true);
  }

  private MultiGauge.Row<?> row(ServerAddress server, ServerState state) {
    return MultiGauge.Row.of(
        Tags.of("server", server.toString(), "state", state.externalName()),
        stream,
        s -> s.stateOf(server) == state ? 1 : 0);
  }

  private void bindCombination(MeterRegistry registry) {
    Gauge.builder("netrng.combine.servers", stream, StreamStatus::wanted)
        .description("Servers that the client combines")
        .register(registry);
    Gauge.builder("netrng.combine.minimum", stream, StreamStatus::minimum)
        .description("Servers with which, at least, the client feeds the kernel")
        .register(registry);
    Gauge.builder("netrng.combine.live", stream, StreamStatus::live)
        .description("Servers that admit the client and do not owe it samples")
        .register(registry);
    for (int servers = 1; servers <= stream.wanted(); servers++) {
      int number = servers;
      FunctionCounter.builder("netrng.combined", stream, s -> s.combinedBytes(number))
          .baseUnit(BYTES)
          .description("Entropy for the kernel, by the number of servers that it combines")
          .tag("servers", String.valueOf(number))
          .register(registry);
    }
    FunctionCounter.builder("netrng.combine.discarded", stream, StreamStatus::discardedBytes)
        .baseUnit(BYTES)
        .description("Received entropy without entropy of another server to combine it with")
        .register(registry);
  }

  private long number(Negotiated.Labels labels) {
    return stream.states().stream()
        .filter(StreamState.Streaming.class::isInstance)
        .map(StreamState.Streaming.class::cast)
        .flatMap(streaming -> streaming.tls().stream())
        .filter(tls -> tls.labels().equals(labels))
        .count();
  }
}
