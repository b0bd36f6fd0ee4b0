// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.session.FuzzedChannel;
import io.netrng.server.session.SessionProperties.ClientPolicy;
import io.netrng.server.session.VirtualSessions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.ConnectionObserver;
import reactor.netty.channel.ChannelOperations;

/** The connections of the entropy API in virtual time. The test releases the samples. */
final class VirtualApi {

  static final int SAMPLE_SIZE = 64;

  private static final long MEMORY = 1_000_000;
  private static final int MOST_ROUNDS = 100_000;

  private final VirtualSessions virtual;
  private final EntropyApi api;
  private final ApiPipeline pipeline;
  private final List<VirtualClient> clients = new ArrayList<>();

  /**
   * Creates an API without connections.
   *
   * @param namesAndValues properties below netrng.server.entropy-api
   */
  VirtualApi(List<ClientPolicy> policies, String... namesAndValues) {
    virtual = new VirtualSessions(SAMPLE_SIZE, MEMORY, 100, Duration.ofSeconds(10), policies);
    EntropyApiProperties properties = TestApi.properties(namesAndValues);
    Path directory = properties.tokenDirectory();
    api =
        new EntropyApi(
            properties,
            virtual.registry(),
            virtual.source()::status,
            virtual::availability,
            new Authentication(virtual.authenticator(), false, tokens(directory)),
            "{}".getBytes(StandardCharsets.US_ASCII),
            virtual.ticker()::nanoTime);
    pipeline = new ApiPipeline(api, properties.maxConnections());
  }

  private static @Nullable Tokens tokens(@Nullable Path directory) {
    return directory == null ? null : Tokens.of(directory);
  }

  VirtualClient connect() {
    FuzzedChannel channel = virtual.channel();
    VirtualClient client = new VirtualClient(channel);
    clients.add(client);
    ChannelOperations.addReactiveBridge(
        channel,
        (c, observer, _) -> new ChannelOperations<>(c, observer),
        (c, state) -> {
          if (state.equals(ConnectionObserver.State.CONFIGURED)) {
            pipeline.begin(c.channel(), false);
          }
        });
    try {
      channel.register();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return client;
  }

  VirtualSessions sessions() {
    return virtual;
  }

  EntropyApi api() {
    return api;
  }

  void release(int samples) {
    virtual.release(samples);
    settle();
  }

  /** Lets time pass in seconds. */
  void pass(Duration time) {
    for (long second = 0; second < time.toSeconds(); second++) {
      virtual.advance(Duration.ofSeconds(1));
      settle();
    }
  }

  void kickAll() {
    virtual.registry().clients().forEach(virtual.registry()::kick);
    settle();
  }

  /** Passes bytes in both directions and runs all due tasks. */
  void settle() {
    int rounds = 0;
    boolean busy = true;
    while (busy) {
      busy = false;
      for (VirtualClient client : clients) {
        busy |= client.exchange();
      }
      assertThat(rounds++).as("rounds until no task is due").isLessThan(MOST_ROUNDS);
    }
  }

  /** Ends all connections, and checks that they have left nothing. */
  void finish() {
    clients.forEach(VirtualClient::leave);
    settle();
    assertThat(api.connections()).as("connections").isZero();
    assertThat(virtual.registry().clients()).isEmpty();
    assertThat(virtual.registry().promised()).as("promised").isZero();
    assertThat(virtual.registry().inFlight()).as("in flight").isZero();
    clients.forEach(VirtualClient::dispose);
    assertThat(virtual.close()).as("unreleased buffers").isZero();
  }
}
