// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.protocol.ServerFrame;
import io.netrng.server.source.SampleBatch;
import io.netrng.tls.Negotiated;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * The connection of an admitted client, as its listener serves it. The methods are called on its
 * event loop, unless they say otherwise.
 */
interface ClientConnection {

  /** The listener that accepted it. Any thread. */
  Listener listener();

  /** The client's address. */
  SocketAddress address();

  /** The parameters of its TLS connection; empty without TLS. */
  Optional<Negotiated> tls();

  /** The event loop. Any thread. */
  EventLoop eventLoop();

  /**
   * Takes ownership of a batch. Calls {@link ClientSession#delivered} for its bytes once they are
   * in the socket, and {@link ClientSession#acknowledge} once it is released.
   */
  void write(ClientSession session, SampleBatch batch);

  /** Ends a series of {@link #write} calls. */
  void flush();

  /** Ends the session, for the reason in a CLOSE. Any thread. */
  void close(ServerFrame.Close close);

  /** Ends the connection if the server keeps bytes for its next request. Any thread. */
  default void discardRest() {}

  /**
   * Ends the connection if its peer no longer answers. Any thread.
   *
   * @return whether this is the first probe of the connection within a minute
   */
  boolean probe();
}
