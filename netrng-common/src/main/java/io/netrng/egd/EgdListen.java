// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.startup.PropertyChecks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * An address that EGD clients connect to.
 *
 * @param address the absolute path of a unix socket, or host:port
 * @param name the name of its clients, see {@link #identity()}
 * @param mode how a new connection is treated
 * @param socketMode the mode of the unix socket, four octal digits
 * @param socketGroup the group of the unix socket; that of the process if it is not set
 * @param tls whether the connections over TCP use TLS; the owner's rule if it is not set
 */
public record EgdListen(
    String address,
    @Nullable String name,
    @DefaultValue("egd") EgdMode mode,
    @DefaultValue(DEFAULT_SOCKET_MODE) String socketMode,
    @Nullable String socketGroup,
    @Nullable Boolean tls) {

  private static final String DEFAULT_SOCKET_MODE = "0660";

  private static final Pattern TCP =
      Pattern.compile(
          "(?:\\[(?<v6>[0-9A-Fa-f:.%\\w]+)]|(?<host>[^\\s:/\\[\\]]+)):(?<port>\\d{1,5})");

  private static final Pattern SOCKET_MODE = Pattern.compile("0[0-7]{3}");
  private static final String SOCKET_SUFFIX = ".sock";
  private static final int LARGEST_PORT = 65_535;
  private static final int OCTAL = 8;

  /** An entry that is the address alone. Spring's conversion finds this method by its name. */
  public static EgdListen valueOf(String address) {
    return new EgdListen(address.trim(), null, EgdMode.EGD, DEFAULT_SOCKET_MODE, null, null);
  }

  /**
   * Checks the entries of a list.
   *
   * @param property the name of the list, such as {@code netrng.server.egd.listen}
   * @throws io.netrng.startup.InvalidPropertyException if a value is not valid, or two entries have
   *     the same address
   */
  public static void check(String property, List<EgdListen> entries) {
    Set<String> addresses = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      EgdListen entry = entries.get(i);
      PropertyChecks checks = new PropertyChecks("%s[%d].".formatted(property, i));
      entry.check(checks);
      checks.require(
          entry.isAnyPort() || addresses.add(entry.address),
          "address",
          entry.address,
          "name each address once");
    }
  }

  private void check(PropertyChecks checks) {
    checks.require(
        isUnix() ? !address.endsWith("/") : isTcp(),
        "address",
        "'" + address + "'",
        "give the absolute path of a unix socket, or host:port such as 127.0.0.1:8990 or"
            + " [::1]:8990");
    checks.require(
        !isUnix() || address.getBytes(StandardCharsets.UTF_8).length <= SocketFile.LONGEST_PATH,
        "address",
        address,
        "the path of a unix socket has at most %d bytes here".formatted(SocketFile.LONGEST_PATH));
    checks.require(
        Hello.isLabel(identity()),
        "name",
        "'" + identity() + "'",
        "set it to 1 to 64 characters of A-Z a-z 0-9 . _ -");
    checks.require(
        SOCKET_MODE.matcher(socketMode).matches(),
        "socket-mode",
        socketMode,
        "write four octal digits such as 0660, in YAML within quotes");
    checks.require(
        isUnix() || socketGroup == null,
        "socket-group",
        String.valueOf(socketGroup),
        "leave it out, because " + address + " is not a unix socket");
    checks.require(
        !isUnix() || tls == null,
        "tls",
        String.valueOf(tls),
        "leave it out, because " + address + " is a unix socket");
  }

  /**
   * Returns the name of the clients of this address, unless certificates name them: the configured
   * one, else the name of the socket's file without {@code .sock}, or {@code egd-} and the port.
   */
  public String identity() {
    if (name != null) {
      return name;
    }
    if (!isUnix()) {
      return "egd-" + (isTcp() ? port() : "");
    }
    String file = address.substring(address.lastIndexOf('/') + 1);
    return file.endsWith(SOCKET_SUFFIX)
        ? file.substring(0, file.length() - SOCKET_SUFFIX.length())
        : file;
  }

  /** Returns whether the address is a unix socket; otherwise it is host:port. */
  public boolean isUnix() {
    return address.startsWith("/");
  }

  private boolean isTcp() {
    Matcher tcp = TCP.matcher(address);
    return tcp.matches() && Integer.parseInt(tcp.group("port")) <= LARGEST_PORT;
  }

  private boolean isAnyPort() {
    return !isUnix() && port() == 0;
  }

  /** Returns the path of the unix socket. */
  public Path path() {
    return Path.of(address);
  }

  /** Returns the host of a TCP address, without brackets. */
  public String host() {
    Matcher tcp = tcp();
    String v6 = tcp.group("v6");
    return v6 == null ? tcp.group("host") : v6;
  }

  /** Returns the port of a TCP address; 0 is any free one. */
  public int port() {
    return Integer.parseInt(tcp().group("port"));
  }

  private Matcher tcp() {
    Matcher tcp = TCP.matcher(address);
    if (!tcp.matches()) {
      throw new IllegalStateException(address + " is not host:port");
    }
    return tcp;
  }

  /** Returns the bits of the socket's mode. */
  int socketModeBits() {
    return Integer.parseInt(socketMode, OCTAL);
  }
}
