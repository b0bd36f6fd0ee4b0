// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import io.netrng.net.Loopback;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server of the protocol of EGD, the Entropy Gathering Daemon, such as ekeyd or entropybroker:
 * {@code egd:/run/ekeyd.sock}, {@code egd://host:8888} or {@code egd://[::1]:8888}.
 *
 * @param name the text of the configuration
 * @param path the path of a unix socket; null for TCP
 * @param host a name or an address without brackets; empty for a unix socket
 * @param port the TCP port
 */
record EgdDevice(String name, @Nullable Path path, String host, int port) implements Device {

  private static final String PREFIX = "egd:";

  private static final Pattern TCP =
      Pattern.compile(
          "egd://(?:\\[(?<v6>[0-9A-Fa-f:.%]+)]|(?<host>[^:/\\[\\]@\\s]+)):(?<port>\\d{1,5})");

  private static final int LARGEST_PORT = 65_535;
  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(60);

  static EgdDevice of(String text) {
    if (text.startsWith(PREFIX + "/") && !text.startsWith(PREFIX + "//")) {
      return new EgdDevice(text, Path.of(text.substring(PREFIX.length())), "", 0);
    }
    Matcher tcp = TCP.matcher(text);
    if (tcp.matches()) {
      String host = tcp.group("v6") != null ? tcp.group("v6") : tcp.group("host");
      int port = Integer.parseInt(tcp.group("port"));
      if (port > 0 && port <= LARGEST_PORT) {
        return new EgdDevice(text, null, host, port);
      }
    }
    throw new IllegalArgumentException(
        "%s is no EGD server: write egd:/path/of/a/socket or egd://host:port".formatted(text));
  }

  @Override
  public String shortName() {
    return path == null ? host : String.valueOf(path.getFileName());
  }

  /** Does not look for a host: the network may come later. */
  @Override
  public void check() throws IOException {
    if (path != null) {
      if (!UnixSocket.is(path)) {
        throw new IOException("is not a unix socket");
      }
      UnixSocket.requireAccess(path);
    }
  }

  @Override
  public Object identity() throws IOException {
    return path == null ? target().toLowerCase(Locale.ROOT) : PathIdentity.ofInode(path);
  }

  @Override
  public DeviceInfo info() {
    List<DeviceWarning> warnings =
        path != null || Loopback.is(host)
            ? List.of()
            : List.of(
                new DeviceWarning(
                    DeviceWarning.Kind.PLAINTEXT,
                    "its bytes cross the network without encryption and without authentication"));
    return new DeviceInfo("egd", "EGD server at " + target(), null, warnings);
  }

  @Override
  public String fixFor(IOException cause) {
    return cause instanceof AccessDeniedException
        ? "Give the server's user read and write access to the socket, for example by SupplementaryGroups= in its unit."
        : "Start the EGD server, such as ekeyd, or name the path of its unix socket.";
  }

  @Override
  public DeviceChannel open(long position) throws IOException {
    SocketAddress address =
        path == null ? new InetSocketAddress(host, port) : UnixDomainSocketAddress.of(path);
    return new EgdChannel(Connection.to(address, SILENCE_LIMIT), System::nanoTime);
  }

  /** The address, for administrators. */
  private String target() {
    return path == null ? name.substring(PREFIX.length() + 2) : Objects.toString(path);
  }
}
