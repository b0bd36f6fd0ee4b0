// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.tls.Negotiated;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** The state of the stream for health. */
public sealed interface StreamState {

  /** Not started, or stopped. */
  record Stopped() implements StreamState {}

  /**
   * No server is known that other streams do not use.
   *
   * @param why a description for people
   */
  record Searching(String why) implements StreamState {}

  /**
   * The client connects to a server, or waits for its answer to HELLO.
   *
   * @param server the server
   */
  record Connecting(ServerAddress server) implements StreamState {}

  /**
   * A server has admitted the client.
   *
   * @param server the server
   * @param session the server's number of this session
   * @param epoch identifies the server's stream since its last start
   * @param sampleSize in bytes
   * @param guarantee the granted rate, in bytes per second; 0 is best effort
   * @param tls the parameters of the TLS connection; empty without TLS
   */
  record Streaming(
      ServerAddress server,
      long session,
      UUID epoch,
      long sampleSize,
      long guarantee,
      Optional<Negotiated> tls)
      implements StreamState {}

  /**
   * All servers are in their back-off pause.
   *
   * @param server the server that the client will try first
   * @param why how the last connection ended
   * @param until when the client will try that server
   */
  record Waiting(ServerAddress server, String why, Instant until) implements StreamState {}
}
