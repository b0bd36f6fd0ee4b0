// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * The state of the streams for health, metrics and readiness. The event loop writes it; any thread
 * may read it.
 */
public final class StreamStatus {

  private final StreamProperties properties;
  private final Candidates candidates;
  private final LongSupplier nanoTime;
  private final List<Stream> streams;
  private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
  private final LongAdder failbacks = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();

  /** By the number of combined servers, less one. */
  private final List<LongAdder> combinedBytes;

  private final LongAdder discardedBytes = new LongAdder();
  private volatile Runnable serversChange = () -> {};

  /**
   * Makes the status of stopped streams.
   *
   * @param nanoTime the clock of the candidates, which any thread may read
   */
  StreamStatus(StreamProperties properties, Candidates candidates, LongSupplier nanoTime) {
    this.properties = properties;
    this.candidates = candidates;
    this.nanoTime = nanoTime;
    streams =
        IntStream.range(0, properties.combine().servers()).mapToObj(_ -> new Stream()).toList();
    combinedBytes = streams.stream().map(_ -> new LongAdder()).toList();
  }

  /** The state of the first stream, which is the only one unless servers are combined. */
  public StreamState state() {
    return streams.getFirst().state;
  }

  /** The states of all streams. */
  public List<StreamState> states() {
    return streams.stream().map(stream -> stream.state).toList();
  }

  /** How many servers admit the client now, without combined ones that owe samples. */
  public int live() {
    return (int) streams.stream().filter(Stream::isLive).count();
  }

  /**
   * Returns whether a server admits a stream and owes it samples, so that the others are combined
   * without it.
   */
  public boolean isDropped(int stream) {
    return streams.get(stream).isDropped;
  }

  /** How many servers are combined. */
  public int wanted() {
    return properties.combine().servers();
  }

  /** With how many servers, at least, the client feeds the sink. */
  public int minimum() {
    return properties.combine().minimum();
  }

  /** Returns whether so many servers are live that the client feeds the sink. */
  public boolean isUp() {
    return live() >= minimum();
  }

  /** The known servers, in the order of preference. */
  public List<ServerAddress> servers() {
    return candidates.servers();
  }

  /** Sets what runs on the event loop after a change of the known servers. */
  public void onServersChange(Runnable action) {
    serversChange = action;
  }

  void notifyServersChange() {
    serversChange.run();
  }

  /** The state of one of the servers, from the view of this client. */
  public ServerState stateOf(ServerAddress server) {
    return streams.stream()
        .map(stream -> stream.stateOf(server))
        .flatMap(Optional::stream)
        .min(Comparator.naturalOrder())
        .orElseGet(() ->
            candidates.isBackingOff(server, nanoTime.getAsLong())
                ? ServerState.WAITING
                : ServerState.STANDBY);
  }

  /** The entropy received so far, in bytes. */
  public long receivedBytes() {
    return receivedBytes.sum();
  }

  /** How many bytes were handed to the sink so far that combine this number of servers. */
  public long combinedBytes(int servers) {
    return wanted() == 1 ? receivedBytes() : combinedBytes.get(servers - 1).sum();
  }

  /** How many received bytes were zeroed so far, because there were none to combine them with. */
  public long discardedBytes() {
    return discardedBytes.sum();
  }

  void countCombined(int servers, int bytes) {
    combinedBytes.get(servers - 1).add(bytes);
  }

  void countDiscarded(int bytes) {
    discardedBytes.add(bytes);
  }

  /**
   * The time in which three pieces of the sink and three samples are due at the effective rate.
   * That rate is the guarantee of the present or last server, limited by the client's maximum rate.
   * With several servers, the slowest counts. Empty without a guarantee.
   */
  public Optional<Duration> dueTime() {
    return streams.stream()
        .map(stream -> stream.dueTime)
        .flatMap(Optional::stream)
        .max(Comparator.naturalOrder());
  }

  /** How many connections have failed or ended so far for a reason of {@link #reasons()}. */
  public long failures(String reason) {
    LongAdder count = failures.get(reason);
    return count == null ? 0 : count.sum();
  }

  /** The reasons why a connection fails or ends. */
  public static List<String> reasons() {
    return DisconnectReason.tags();
  }

  /** How often a stream has returned to a preferred server so far. */
  public long failbacks() {
    return failbacks.sum();
  }

  /** The state of each stream, for its events. */
  List<Stream> streams() {
    return streams;
  }

  /** The state of one stream. The event loop writes it; any thread may read it. */
  final class Stream {

    private volatile StreamState state = new StreamState.Stopped();
    private volatile Optional<ServerAddress> trial = Optional.empty();
    private volatile Optional<Duration> dueTime = Optional.empty();
    private volatile boolean isDropped;

    StreamState state() {
      return state;
    }

    private boolean isLive() {
      return state instanceof StreamState.Streaming && !isDropped;
    }

    /** Sets whether the other servers are combined without this one, because it owes samples. */
    void setDropped(boolean dropped) {
      isDropped = dropped;
    }

    /** Returns the state of the server in this stream; empty if the stream does not use it. */
    private Optional<ServerState> stateOf(ServerAddress server) {
      return switch (state) {
        case StreamState.Streaming streaming when streaming.server().equals(server) ->
            Optional.of(ServerState.STREAMING);
        case StreamState.Connecting connecting when connecting.server().equals(server) ->
            Optional.of(ServerState.CONNECTING);
        case StreamState.Streaming _ when trial.filter(server::equals).isPresent() ->
            Optional.of(ServerState.CONNECTING);
        case StreamState.Streaming _,
            StreamState.Connecting _,
            StreamState.Waiting _,
            StreamState.Searching _,
            StreamState.Stopped _ ->
            Optional.empty();
      };
    }

    void setState(StreamState next) {
      if (next instanceof StreamState.Streaming streaming) {
        dueTime =
            Starvation.dueTime(
                Math.min(streaming.guarantee(), properties.maxRate().bytesPerSecond()),
                properties.sink().piece(),
                streaming.sampleSize());
      }
      state = next;
    }

    /** Sets the server of the trial beside the stream, if any. */
    void setTrial(Optional<ServerAddress> server) {
      trial = server;
    }

    void countFailure(DisconnectReason reason) {
      failures.computeIfAbsent(reason.tag(), _ -> new LongAdder()).increment();
    }

    void countFailback() {
      failbacks.increment();
    }

    void countReceived(int bytes) {
      receivedBytes.add(bytes);
    }
  }
}
