package io.netrng.client.stream;

import java.time.Instant;
import java.util.UUID;

/** The state of the stream as health shows it. */
public sealed interface StreamState {

  /** Not started, or stopped. */
  record Stopped() implements StreamState {}

  /**
   * Connecting to a server, or waiting for its answer to HELLO.
   *
   * @param server which
   */
  record Connecting(ServerAddress server) implements StreamState {}

  /**
   * A server has admitted the client.
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
   * All servers are in their back-off pause.
   *
   * @param server the one that will be tried first
   * @param why how the last connection ended
   * @param until when it will be tried
   */
  record Waiting(ServerAddress server, String why, Instant until) implements StreamState {}
}
