package io.netrng.client.stream;

import java.time.Instant;
import java.util.UUID;

/** What the stream is at; its diagram is at {@link StreamClient}. */
public sealed interface StreamState {

  /** Not started yet, or stopped in order. */
  record Stopped() implements StreamState {}

  /**
   * On the way to a server, or waiting for its answer to HELLO.
   *
   * @param server which
   */
  record Connecting(ServerAddress server) implements StreamState {}

  /**
   * A server has let the client in.
   *
   * @param server which
   * @param session the server's number for this session
   * @param epoch the life of the server's stream
   * @param sampleSize in bytes
   * @param guarantee the rate granted, in bytes per second; 0 is best effort
   */
  record Streaming(ServerAddress server, long session, UUID epoch, long sampleSize, long guarantee)
      implements StreamState {}

  /**
   * All servers are left in peace for a while.
   *
   * @param server the one that will be tried first
   * @param why how the last connection ended
   * @param until when it will be tried
   */
  record Waiting(ServerAddress server, String why, Instant until) implements StreamState {}
}
