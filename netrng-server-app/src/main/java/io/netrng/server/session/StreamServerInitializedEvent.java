package io.netrng.server.session;

import org.springframework.context.ApplicationEvent;

/** The stream server listens. */
public final class StreamServerInitializedEvent extends ApplicationEvent {

  private static final long serialVersionUID = 1;

  private final int port;

  StreamServerInitializedEvent(StreamServer server, int port) {
    super(server);
    this.port = port;
  }

  /** The local port, also if any free one was configured. */
  public int port() {
    return port;
  }
}
