// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The state of the stream for health, metrics and readiness. The event loop writes it; any thread
 * may read it.
 */
public final class StreamStatus {

  private final StreamProperties properties;
  private final Candidates candidates;
  private final LongSupplier nanoTime;
  private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();
  private final LongAdder failbacks = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();

  private volatile StreamState state = new StreamState.Stopped();
  private volatile Optional<ServerAddress> trial = Optional.empty();
  private volatile Optional<Duration> dueTime = Optional.empty();

  /**
   * Makes the status of a stopped stream.
   *
   * @param nanoTime the clock of the candidates, which any thread may read
   */
  StreamStatus(StreamProperties properties, Candidates candidates, LongSupplier nanoTime) {
    this.properties = properties;
    this.candidates = candidates;
    this.nanoTime = nanoTime;
  }

  /** The state of the stream. */
  public StreamState state() {
    return state;
  }

  /** The configured servers, in the order of preference. */
  public List<ServerAddress> servers() {
    return properties.servers();
  }

  /** The state of one of the servers, from the view of this client. */
  public ServerState stateOf(ServerAddress server) {
    return switch (state) {
      case StreamState.Streaming streaming when streaming.server().equals(server) ->
          ServerState.STREAMING;
      case StreamState.Connecting connecting when connecting.server().equals(server) ->
          ServerState.CONNECTING;
      case StreamState.Streaming _ when trial.filter(server::equals).isPresent() ->
          ServerState.CONNECTING;
      case StreamState.Streaming _,
          StreamState.Connecting _,
          StreamState.Waiting _,
          StreamState.Stopped _ ->
          candidates.isBackingOff(server, nanoTime.getAsLong())
              ? ServerState.WAITING
              : ServerState.STANDBY;
    };
  }

  /** The entropy received so far, in bytes. */
  public long receivedBytes() {
    return receivedBytes.sum();
  }

  /**
   * The time in which three pieces of the sink and three samples are due at the effective rate.
   * That rate is the guarantee of the present or last server, limited by the client's maximum rate.
   * Empty without a guarantee.
   */
  public Optional<Duration> dueTime() {
    return dueTime;
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

  /** How often the stream has returned to a preferred server so far. */
  public long failbacks() {
    return failbacks.sum();
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
