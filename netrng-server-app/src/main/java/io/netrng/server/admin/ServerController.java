// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.net.Address;
import io.netrng.net.HostName;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.session.StreamServer;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.info.BuildProperties;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ServerController {

  private final SessionRegistry sessions;
  private final StreamServer server;
  private final TransportSecurity security;
  private final BuildProperties build;
  private final Instant since =
      Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());

  ServerController(
      SessionRegistry sessions,
      StreamServer server,
      TransportSecurity security,
      BuildProperties build) {
    this.sessions = sessions;
    this.server = server;
    this.security = security;
    this.build = build;
  }

  /**
   * The server in the API.
   *
   * @param clients the number of clients in each state of delivery
   */
  record ServerView(
      String host,
      @Nullable String version,
      Instant since,
      @Nullable String address,
      String security,
      int sampleSize,
      double rate,
      long delivered,
      Map<String, Long> clients) {}

  @GetMapping("/api/v1/server")
  ServerView show() {
    Collection<ClientSession> clients = sessions.clients();
    Map<String, Long> states = new TreeMap<>();
    sessions.states().forEach((state, count) -> states.put(state.externalName(), count));
    var address = server.address();
    return new ServerView(
        HostName.get(),
        build.getVersion(),
        since,
        address == null ? null : Address.text(address),
        security.mode().externalName(),
        sessions.sampleSize(),
        clients.stream().mapToDouble(ClientSession::rate).sum(),
        sessions.delivered(),
        states);
  }
}
