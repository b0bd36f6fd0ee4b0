// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.Intake;
import io.netrng.egd.EgdListener;
import io.netrng.egd.EgdSupply;
import io.netrng.logging.LogRateLimiter;
import io.netrng.startup.CheckedLifecycle;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * The guests of this machine, which draw entropy over EGD from what the client receives. Without a
 * configured address, the sink gets all bytes, and nothing is listening.
 */
public final class Guests implements CheckedLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Guests.class);

  /** Limits the memory: each connection has {@value GuestSupply#CAPACITY} bytes. */
  static final int MOST_CONNECTIONS = 64;

  private static final Duration KEEPALIVE = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(1);

  private final FeedBuffer sink;
  private final Optional<SharedFeed> feed;
  private final List<EgdListener> listeners;
  private final LogRateLimiter connects = new LogRateLimiter(System::nanoTime);
  private final LogRateLimiter refusals = new LogRateLimiter(System::nanoTime);
  private volatile Optional<LoopResources> loops = Optional.empty();

  Guests(EgdProperties properties, FeedBuffer sink) {
    this.sink = sink;
    feed = properties.listen().isEmpty() ? Optional.empty() : Optional.of(new SharedFeed(sink));
    listeners =
        feed.stream()
            .flatMap(shared ->
                IntStream.range(0, properties.listen().size())
                    .mapToObj(i -> listener(properties, i, shared)))
            .toList();
  }

  private EgdListener listener(EgdProperties properties, int entry, SharedFeed shared) {
    String name = properties.listen().get(entry).identity();
    return new EgdListener(
        properties.listen().get(entry),
        EgdProperties.property(entry),
        (connection, onAvailable) -> open(shared, name, connection, onAvailable));
  }

  private EgdSupply open(SharedFeed shared, String name, Channel connection, Runnable onAvailable) {
    if (shared.guests() >= MOST_CONNECTIONS) {
      refusals.log(
          log.atWarn().addKeyValue("client", name).addKeyValue("connections", MOST_CONNECTIONS),
          "EGD client rejected: too many connections");
      var _ = connection.close();
    } else {
      connects.log(log.atInfo().addKeyValue("client", name), "EGD client connected");
      connection
          .closeFuture()
          .addListener(_ ->
              connects.log(log.atInfo().addKeyValue("client", name), "EGD client disconnected"));
    }
    return shared.add(connection.eventLoop(), onAvailable);
  }

  /** Returns where the stream offers what it receives. */
  public Intake intake() {
    return feed.<Intake>map(shared -> shared).orElse(sink);
  }

  /** Returns whether any address is configured. */
  public boolean isConfigured() {
    return feed.isPresent();
  }

  /** Returns the number of connections. */
  public int connections() {
    return feed.map(SharedFeed::guests).orElse(0);
  }

  /** Returns the number of bytes that guests have received so far. */
  public long deliveredBytes() {
    return feed.map(SharedFeed::deliveredBytes).orElse(0L);
  }

  /** Returns the threads that send to guests. */
  public List<Executor> threads() {
    return loops.stream()
        .map(resources -> (Executor) resources.onServer(LoopResources.DEFAULT_NATIVE).next())
        .toList();
  }

  @Override
  public void checkStart() {
    listeners.forEach(EgdListener::check);
  }

  @Override
  public void start() {
    if (listeners.isEmpty()) {
      return;
    }
    LoopResources resources = LoopResources.create("egd", 1, true);
    loops = Optional.of(resources);
    for (EgdListener listener : listeners) {
      listener.start(resources, KEEPALIVE, UnaryOperator.identity(), List.of());
    }
  }

  @Override
  public void stop(Runnable callback) {
    Optional<LoopResources> last = loops;
    loops = Optional.empty();
    var _ =
        Flux.fromIterable(listeners)
            .flatMap(EgdListener::stop)
            .then(
                Mono.defer(() ->
                    last.map(resources -> resources.disposeLater(Duration.ZERO, STOP_LIMIT))
                        .orElseGet(Mono::empty)))
            .doFinally(_ -> callback.run())
            .subscribe();
  }

  /** Required by SmartLifecycle; Spring calls {@link #stop(Runnable)}. */
  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public boolean isRunning() {
    return loops.isPresent();
  }

  /** Starts before the stream, and stops after it. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 1;
  }
}
