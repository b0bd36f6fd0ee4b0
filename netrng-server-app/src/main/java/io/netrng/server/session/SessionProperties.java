// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.protocol.ServerFrame.Welcome;
import io.netrng.server.security.Identity;
import io.netrng.startup.PropertyChecks;
import io.netrng.unit.DataRate;
import io.netrng.unit.Percentage;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The listener of the stream and the limits of its clients.
 *
 * @param bindAddress the address to listen on; 0.0.0.0 is every IPv4 address, :: every address
 * @param port the port to listen on, up to 65535; 0 takes any free one, which is logged
 * @param maxClients the maximum number of connected clients, 1 or more
 * @param defaultGuarantee the guaranteed rate of a client that matches no entry of clients, and the
 *     maximum that it may request, up to 4294967295B/s; 0B/s is best effort
 * @param defaultCeiling the maximum rate of such a client, 1B/s or more; no limit if unset
 * @param headroom the part of the capacity that is never guaranteed, from 0% to less than 100%; the
 *     best-effort clients share it when the demand exceeds the capacity
 * @param clients the rates and limits of certain clients; an exact name takes precedence over a
 *     pattern, and a longer pattern over a shorter one
 * @param keepalive a client sends a PING after this time without data at the latest, and is
 *     disconnected after three times it; from 1s to 10m
 */
@ConfigurationProperties("netrng.server")
public record SessionProperties(
    @DefaultValue("127.0.0.1") String bindAddress,
    @DefaultValue("8989") int port,
    @DefaultValue("1000") int maxClients,
    @DefaultValue("64B/s") DataRate defaultGuarantee,
    @Nullable DataRate defaultCeiling,
    @DefaultValue("10%") Percentage headroom,
    @DefaultValue List<ClientPolicy> clients,
    @DefaultValue("10s") Duration keepalive) {

  private static final PropertyChecks CHECKS = new PropertyChecks("netrng.server.");
  private static final int MAX_PORT = 65_535;
  private static final DataRate MAX_GUARANTEE = new DataRate(0xffff_ffffL);
  private static final Duration MIN_KEEPALIVE = Duration.ofMillis(Welcome.MIN_KEEPALIVE_MILLIS);
  private static final Duration MAX_KEEPALIVE = Duration.ofMillis(Welcome.MAX_KEEPALIVE_MILLIS);

  /** Checks the ranges. */
  public SessionProperties {
    CHECKS.range("port", port, 0, MAX_PORT, "set it to a port from 1 to 65535, or to 0 for any");
    CHECKS.positive("max-clients", maxClients);
    requireGuarantee("default-guarantee", defaultGuarantee);
    requireCeiling("default-ceiling", defaultCeiling);
    CHECKS.require(
        headroom.fraction() < 1,
        "headroom",
        headroom,
        "nothing would be left to promise; set it below 100%");
    clients = List.copyOf(clients);
    Set<String> names = new HashSet<>();
    for (ClientPolicy client : clients) {
      CHECKS.require(
          names.add(client.name()),
          "clients[].name",
          client.name(),
          "name each client or pattern once");
    }
    // Compared as durations, because the milliseconds of a very long one do not fit a long.
    CHECKS.range(
        "keepalive", keepalive, MIN_KEEPALIVE, MAX_KEEPALIVE, "set it to a time from 1s to 10m");
  }

  /**
   * The rates and the limit of the clients of one name.
   *
   * @param name the identity itself, or its beginning and a *
   * @param guarantee the guaranteed rate, and the maximum that may be requested; the default if
   *     unset
   * @param ceiling the maximum rate; the default if unset
   * @param maxConnections the maximum number of connections of one identity; no limit if unset
   */
  public record ClientPolicy(
      String name,
      @Nullable DataRate guarantee,
      @Nullable DataRate ceiling,
      @Nullable Integer maxConnections) {

    private static final String ANY = "*";

    /** Checks the name and the ranges. */
    public ClientPolicy {
      CHECKS.require(
          name.endsWith(ANY)
              ? Identity.isBeginning(name.substring(0, name.length() - ANY.length()))
              : Identity.isName(name),
          "clients[].name",
          "'" + name + "'",
          "give a name of A-Z a-z 0-9 . _ -, a SPIFFE ID, or the beginning of one and a * behind it");
      requireGuarantee("clients[].guarantee of " + name, guarantee);
      requireCeiling("clients[].ceiling of " + name, ceiling);
      CHECKS.positive("clients[].max-connections of " + name, maxConnections);
    }
  }

  private static void requireGuarantee(String name, @Nullable DataRate guarantee) {
    CHECKS.range(
        name,
        guarantee,
        new DataRate(0),
        MAX_GUARANTEE,
        "set it to a rate up to %s, or 0B/s".formatted(MAX_GUARANTEE));
  }

  private static void requireCeiling(String name, @Nullable DataRate ceiling) {
    CHECKS.range(
        name,
        ceiling,
        new DataRate(1),
        DataRate.UNLIMITED,
        "set it to 1B/s or more, or not at all");
  }
}
