// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.audit.AuditLog;
import io.netrng.client.discovery.Discovery;
import io.netrng.client.sink.Intake;
import io.netrng.protocol.ClientFrame;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Keeps the streams of the client: one, or as many as servers are combined. All methods run on one
 * event loop; {@link StreamStatus} provides the state to other threads.
 */
public final class StreamClient implements SmartLifecycle, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StreamClient.class);

  private final StreamProperties properties;
  private final Intake feed;
  private final InstantSource clock;
  private final Connections connections;
  private final EventLoop loop;
  private final Discovery discovery;
  private final Candidates candidates;
  private final StreamStatus status;
  private final Optional<Combiner> combiner;
  private final List<ServerStream> streams;
  private int live;

  /**
   * Makes a client that is not started.
   *
   * @param tls supplies the context of each connection; null uses plain TCP
   * @param lookup resolves the servers' names
   */
  StreamClient(
      StreamProperties properties,
      Intake feed,
      StreamTimings timings,
      @Nullable Supplier<SslContext> tls,
      SystemResolver.Lookup lookup,
      AuditLog audit) {
    this(
        properties,
        feed,
        timings,
        new Connector(timings.connect(), timings.bye(), tls, properties.mdnsAddress()),
        new SystemResolver(lookup, timings.lookup()),
        new KernelRandom(),
        audit,
        InstantSource.system());
  }

  StreamClient(
      StreamProperties properties,
      Intake feed,
      StreamTimings timings,
      Connections connections,
      SystemResolver resolver,
      RandomGenerator random,
      AuditLog audit,
      InstantSource clock) {
    this.properties = properties;
    this.clock = clock;
    this.feed = feed;
    this.connections = connections;
    loop = connections.loop();
    discovery =
        new Discovery(
            properties.servers(),
            properties.tls().serverName(),
            properties.mdns(),
            connections,
            loop,
            random);
    candidates = new Candidates(List.of(), nanoTime(), random);
    candidates.update(discovery.servers(), nanoTime());
    status = new StreamStatus(properties, candidates, this::nanoTime);
    StreamProperties.Combine combine = properties.combine();
    combiner =
        combine.servers() == 1
            ? Optional.empty()
            : Optional.of(
                new Combiner(
                    feed,
                    properties.sink(),
                    status,
                    number -> loop.execute(() -> onLiveChange(number))));
    DistinctServers servers =
        new DistinctServers(
            new ServerIdentity(properties.servers(), properties.tls().serverName()));
    streams =
        IntStream.range(0, combine.servers())
            .mapToObj(i ->
                new ServerStream(
                    candidates,
                    discovery::reason,
                    new Attempt.Parts(
                        resolver,
                        connections,
                        settings(timings, i),
                        timings,
                        status.streams().get(i),
                        servers),
                    random,
                    audit))
            .toList();
  }

  private Session.Settings settings(StreamTimings timings, int stream) {
    return new Session.Settings(
        new ClientFrame.Hello(properties.guarantee().bytesPerSecond(), properties.name()),
        timings.welcome(),
        properties.maxRate(),
        properties.sink(),
        combiner.<Intake>map(several -> several.input(stream)).orElse(feed),
        new AtomicLong(),
        new Starvation(
            properties.sink().piece(),
            timings.starvedGuaranteed(),
            timings.starvedBestEffort(),
            combiner.isEmpty()),
        clock);
  }

  /** The clock of the event loop. Any thread may call this method. */
  private long nanoTime() {
    return loop.ticker().nanoTime();
  }

  /** The state of the streams. Any thread may call this method. */
  StreamStatus status() {
    return status;
  }

  /** The thread of the event loop. */
  public Executor thread() {
    return loop;
  }

  /** Zeroes all received bytes on the way to the sink. Any thread may call this method. */
  void clear() {
    combiner.ifPresentOrElse(Combiner::clear, feed::clear);
  }

  @Override
  public void start() {
    log.atInfo()
        .addKeyValue("servers", properties.servers())
        .addKeyValue("client", properties.name())
        .addKeyValue("guarantee", properties.guarantee().bytesPerSecond())
        .addKeyValue("max-rate", properties.maxRate())
        .log("drawing entropy");
    feed.onFreeSpace(() -> loop.execute(this::request));
    loop.execute(() -> discovery.start(this::updateServers));
    streams.forEach(ServerStream::start);
  }

  /** Uses the known servers from now on. Streams are not interrupted. */
  private void updateServers() {
    boolean changed = candidates.update(discovery.servers(), nanoTime());
    if (changed) {
      status.notifyServersChange();
    }
    streams.forEach(stream -> stream.onServers(changed));
  }

  private void request() {
    combiner.ifPresent(Combiner::combine);
    streams.forEach(ServerStream::request);
  }

  /** All streams can request when enough are live. */
  private void onLiveChange(int number) {
    int last = live;
    live = number;
    if (live > last) {
      log.atInfo()
          .addKeyValue("live", live)
          .addKeyValue("servers", status.wanted())
          .addKeyValue("minimum", status.minimum())
          .log("combining servers");
    } else if (live < last && isRunning() && live >= status.minimum()) {
      log.atWarn()
          .addKeyValue("live", live)
          .addKeyValue("servers", status.wanted())
          .addKeyValue("minimum", status.minimum())
          .log("combining fewer servers than configured");
    } else if (live < last && isRunning()) {
      log.atWarn()
          .addKeyValue("live", live)
          .addKeyValue("servers", status.wanted())
          .addKeyValue("minimum", status.minimum())
          .log("too few servers to combine: the kernel gets nothing");
    }
    request();
  }

  /**
   * Discovers servers again, and ends all waits and pauses of servers at once, because a refusal
   * may not apply to another configuration or certificate. If an attempt in progress fails, the
   * next one follows at once. A stream is not interrupted.
   */
  public void retryNow() {
    loop.execute(() -> {
      discovery.refresh();
      candidates.endPauses(nanoTime());
      streams.forEach(ServerStream::retryNow);
    });
  }

  @Override
  public void stop(Runnable callback) {
    loop.execute(() -> disconnect(callback));
  }

  private void disconnect(Runnable callback) {
    discovery.stop();
    AtomicLong left = new AtomicLong(streams.size());
    log.atInfo().log("stream stopped");
    for (ServerStream stream : streams) {
      stream.stop(() -> {
        if (left.decrementAndGet() == 0) {
          callback.run();
        }
      });
    }
  }

  /** Required by SmartLifecycle; Spring calls {@link #stop(Runnable)}. */
  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public boolean isRunning() {
    return streams.stream().anyMatch(ServerStream::isRunning);
  }

  /** Starts last and stops first, because entropy is of no use without a sink. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }

  /** Ends the event loop. All callers have stopped before. */
  @Override
  public void close() {
    connections.close();
  }
}
