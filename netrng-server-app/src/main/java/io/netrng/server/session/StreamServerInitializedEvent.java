// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import org.springframework.context.ApplicationEvent;

/** Published when the stream server has started to listen. */
public final class StreamServerInitializedEvent extends ApplicationEvent {

  private static final long serialVersionUID = 1;

  private final int port;

  StreamServerInitializedEvent(StreamServer server, int port) {
    super(server);
    this.port = port;
  }

  /** The local port, also if the configuration chose any free port. */
  public int port() {
    return port;
  }
}
