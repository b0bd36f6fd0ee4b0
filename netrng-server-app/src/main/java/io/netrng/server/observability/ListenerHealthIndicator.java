// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import io.netrng.server.session.SessionRegistry;
import io.netrng.server.session.StreamServer;
import java.net.InetSocketAddress;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Component {@code listener}: up while clients can connect. */
final class ListenerHealthIndicator extends AbstractHealthIndicator {

  private final StreamServer server;
  private final SessionRegistry sessions;

  ListenerHealthIndicator(StreamServer server, SessionRegistry sessions) {
    super("the state of the listener cannot be read");
    this.server = server;
    this.sessions = sessions;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    InetSocketAddress address = server.address();
    if (address == null) {
      builder.down().withDetail("reason", "not listening");
      return;
    }
    builder
        .up()
        .withDetail("address", address.getAddress().getHostAddress() + ":" + address.getPort())
        .withDetail("clients", sessions.clients().size());
  }
}
