// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.discovery.ServerEntry;
import io.netrng.client.sink.SinkKind;
import io.netrng.net.HostName;
import io.netrng.net.Loopback;
import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.startup.PropertyChecks;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The servers that the client requests entropy from, and the rate.
 *
 * @param servers the servers as host:port, in the order of preference; an IPv6 address needs
 *     brackets. {@code srv:_netrng._tcp.DOMAIN} discovers servers by DNS, {@code mdns:} in the
 *     local network, and {@code auto} in the search domains of this machine
 * @param name the label of this client in the server's lists, logs and metrics, 1 to 64 of A-Z a-z
 *     0-9 . _ -; the host's name if empty
 * @param guarantee the requested rate, less than 4GB/s; with 0B/s the server's policy sets the rate
 * @param maxRate the maximum rate that the client requests samples at, 1B/s or more, or unlimited;
 *     if unset, 4KB/s for the sink rngd and 256B/s for the sink kernel
 * @param allowPlaintext whether the client may connect without TLS to servers on other machines
 * @param mdns whether {@code auto} may look for servers in the local network if DNS has none
 * @param mdnsAddress the address of the network interface for {@code mdns:} and {@code auto}; the
 *     one of the default route if unset
 * @param sink what feeds the kernel: rngd, or kernel for the kernel's own interface
 * @param combine how many servers the client combines
 */
@ConfigurationProperties("netrng.client")
record StreamProperties(
    @DefaultValue("127.0.0.1:8989") List<ServerEntry> servers,
    @DefaultValue("") String name,
    @DefaultValue("0B/s") DataRate guarantee,
    @Nullable DataRate maxRate,
    @DefaultValue("false") boolean allowPlaintext,
    @DefaultValue Tls tls,
    @DefaultValue("false") boolean mdns,
    @Nullable String mdnsAddress,
    @DefaultValue("rngd") SinkKind sink,
    @DefaultValue Combine combine) {

  private static final PropertyChecks CHECKS = new PropertyChecks("netrng.client.");
  private static final long MAX_GUARANTEE = 0xffff_ffffL;
  private static final int LONGEST_NAME = 64;
  private static final Pattern SERVER_NAME = Pattern.compile("[\\w-]+(\\.[\\w-]+)*|[0-9a-fA-F:.]+");

  /**
   * TLS of the stream.
   *
   * @param bundle the name of the SSL bundle with this client's certificate and the CA certificates
   *     of the servers; plain TCP if unset
   * @param serverName the name or address that the certificates of all servers must be valid for;
   *     if unset, the host of host:port, and the domain of {@code srv:}
   * @param keyExchange hybrid-required refuses servers without X25519MLKEM768 and with it TLS 1.2,
   *     hybrid-preferred uses X25519MLKEM768 with each server that supports it
   */
  record Tls(
      @Nullable String bundle,
      @Nullable String serverName,
      @DefaultValue("hybrid-preferred") KeyExchange keyExchange) {
    Tls {
      bundle = bundle == null || bundle.isEmpty() ? null : bundle;
      serverName = serverName == null || serverName.isEmpty() ? null : serverName;
    }
  }

  /**
   * The combination of servers.
   *
   * @param servers how many servers the client draws from at the same time, 1 to 8; the kernel gets
   *     the XOR of their bytes
   * @param minimum with how many servers, at least, the client feeds the kernel; all of them if
   *     unset
   */
  record Combine(@DefaultValue("1") int servers, @Nullable Integer minimum) {

    /** Draws from one server at a time. */
    static final Combine ONE = new Combine(1, null);

    private static final int MOST = 8;

    Combine {
      CHECKS.require(
          servers >= 1 && servers <= MOST, "combine.servers", servers, "give 1 to " + MOST + ".");
      minimum = minimum == null ? servers : minimum;
      CHECKS.require(
          minimum >= 1 && minimum <= servers,
          "combine.minimum",
          minimum,
          "give 1 to netrng.client.combine.servers = " + servers + ".");
    }

    @Override
    public Integer minimum() {
      return Objects.requireNonNull(minimum);
    }
  }

  StreamProperties {
    CHECKS.require(
        !servers.isEmpty(), "servers", "''", "name at least one server as host:port or srv:NAME.");
    servers = List.copyOf(servers);
    CHECKS.require(
        servers.stream().distinct().count() >= combine.servers()
            || !servers.stream().allMatch(ServerAddress.class::isInstance),
        "combine.servers",
        combine.servers(),
        "list at least as many servers in netrng.client.servers.");
    name = name.isEmpty() ? label(HostName.get()) : name;
    CHECKS.require(
        Hello.isLabel(name), "name", name, "use 1 to 64 of the characters A-Z a-z 0-9 . _ -");
    CHECKS.require(
        guarantee.bytesPerSecond() <= MAX_GUARANTEE,
        "guarantee",
        guarantee,
        "give less than 4GB/s, or 0B/s.");
    mdnsAddress = mdnsAddress == null || mdnsAddress.isEmpty() ? null : mdnsAddress;
    maxRate = maxRate == null ? sink.maxRate() : maxRate;
    CHECKS.require(
        maxRate.bytesPerSecond() > 0, "max-rate", maxRate, "give at least 1B/s, or unlimited.");
    if (tls.serverName() != null) {
      CHECKS.require(
          SERVER_NAME.matcher(tls.serverName()).matches(),
          "tls.server-name",
          tls.serverName(),
          "use a host name or an IP address, without a port.");
      CHECKS.require(
          tls.bundle() != null,
          "tls.server-name",
          tls.serverName(),
          "plain TCP has no certificates; set netrng.client.tls.bundle too, or unset it.");
    }
    requireAuthentication(servers, tls);
    if (tls.bundle() == null && !allowPlaintext) {
      requireLoopback(servers);
    }
    CHECKS.ownAddress("mdns-address", mdnsAddress);
  }

  @Override
  public DataRate maxRate() {
    return Objects.requireNonNull(maxRate);
  }

  private static void requireLoopback(List<ServerEntry> servers) {
    for (ServerEntry server : servers) {
      CHECKS.require(
          server instanceof ServerAddress address && Loopback.is(address.host()),
          "servers",
          server,
          "in plain TCP only a loopback address or localhost is; set netrng.client.tls.bundle,"
              + " or netrng.client.allow-plaintext=true if the network is trusted.");
    }
  }

  /** Anyone in the network can announce a server, and often provide its search domain. */
  private static void requireAuthentication(List<ServerEntry> servers, Tls tls) {
    for (ServerEntry server : servers) {
      if (server instanceof ServerEntry.Mdns || server instanceof ServerEntry.Auto) {
        CHECKS.require(
            tls.bundle() != null,
            "servers",
            server,
            "only a certificate proves which server was found; set netrng.client.tls.bundle.");
        CHECKS.require(
            tls.serverName() != null,
            "servers",
            server,
            "there is no name that the certificate must be valid for; set"
                + " netrng.client.tls.server-name.");
      }
    }
  }

  /** Returns the valid label that is nearest to a text. */
  static String label(String text) {
    String valid = text.trim().replaceAll("[^A-Za-z0-9._-]", "-");
    String cut = valid.substring(0, Math.min(valid.length(), LONGEST_NAME));
    return cut.isEmpty() ? "netrng-client" : cut;
  }
}
