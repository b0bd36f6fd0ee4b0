package io.netrng.client.stream;

import io.netrng.net.Loopback;
import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.startup.PropertyChecks;
import io.netrng.unit.DataRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where entropy is drawn from, and how much.
 *
 * @param servers the servers as host:port, in the order of preference; an IPv6 address stands in
 *     brackets
 * @param name the label of this client in the server's lists, logs and metrics, 1 to 64 of A-Z a-z
 *     0-9 . _ -; the host's name if empty
 * @param guarantee the rate that is asked for, less than 4GB/s; 0B/s takes what the server's policy
 *     gives
 * @param maxRate the most that is drawn, 1B/s or more, or unlimited
 * @param allowPlaintext whether servers beyond this machine may be used without TLS
 */
@ConfigurationProperties("netrng.client")
record StreamProperties(
    @DefaultValue("127.0.0.1:8989") List<ServerAddress> servers,
    @DefaultValue("") String name,
    @DefaultValue("0B/s") DataRate guarantee,
    @DefaultValue("4KB/s") DataRate maxRate,
    @DefaultValue("false") boolean allowPlaintext,
    @DefaultValue Tls tls) {

  private static final PropertyChecks CHECKS = new PropertyChecks("netrng.client.");
  private static final long MAX_GUARANTEE = 0xffff_ffffL;
  private static final int LONGEST_NAME = 64;

  /**
   * How the stream is protected.
   *
   * @param bundle the name of the SSL bundle with this client's certificate and those that sign the
   *     servers'; plain TCP if unset
   */
  record Tls(@Nullable String bundle) {
    Tls {
      bundle = bundle == null || bundle.isEmpty() ? null : bundle;
    }
  }

  StreamProperties {
    CHECKS.require(!servers.isEmpty(), "servers", "''", "name at least one server as host:port.");
    servers = List.copyOf(servers);
    name = name.isEmpty() ? label(hostName()) : name;
    CHECKS.require(
        Hello.isLabel(name), "name", name, "use 1 to 64 of the characters A-Z a-z 0-9 . _ -");
    CHECKS.require(
        guarantee.bytesPerSecond() <= MAX_GUARANTEE,
        "guarantee",
        guarantee,
        "give less than 4GB/s, or 0B/s.");
    CHECKS.require(
        maxRate.bytesPerSecond() > 0, "max-rate", maxRate, "give at least 1B/s, or unlimited.");
    if (tls.bundle() == null && !allowPlaintext) {
      requireLoopback(servers);
    }
  }

  private static void requireLoopback(List<ServerAddress> servers) {
    for (ServerAddress server : servers) {
      CHECKS.require(
          Loopback.is(server.host()),
          "servers",
          server,
          "in plain TCP only a loopback address or localhost is; set netrng.client.tls.bundle,"
              + " or netrng.client.allow-plaintext=true if the network is trusted.");
    }
  }

  /** What is nearest to a text and can be a label. */
  static String label(String text) {
    String valid = text.trim().replaceAll("[^A-Za-z0-9._-]", "-");
    String cut = valid.substring(0, Math.min(valid.length(), LONGEST_NAME));
    return cut.isEmpty() ? "netrng-client" : cut;
  }

  /** From the kernel: Java's own way may ask a name server. */
  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname"));
    } catch (IOException e) {
      return "";
    }
  }
}
