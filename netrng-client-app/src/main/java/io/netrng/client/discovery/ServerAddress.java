// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a server, written {@code host:port}, with an IPv6 address in brackets.
 *
 * @param host a name or an address
 * @param port from 1 to 65535
 */
public record ServerAddress(String host, int port) implements ServerEntry {

  private static final Pattern TEXT =
      Pattern.compile("(?:\\[([0-9a-fA-F:.%\\w]+)]|([^\\s:\\[\\]]+)):(\\d{1,5})");
  private static final int MAX_PORT = 65_535;

  /**
   * Parses an address. Spring's conversion finds this method by its name.
   *
   * @throws IllegalArgumentException if the text is not an address; the message describes the
   *     format
   */
  public static ServerAddress valueOf(String text) {
    Matcher matcher = TEXT.matcher(text.trim());
    if (matcher.matches()) {
      int port = Integer.parseInt(matcher.group(3));
      if (port >= 1 && port <= MAX_PORT) {
        return new ServerAddress(
            matcher.group(1) == null ? matcher.group(2) : matcher.group(1), port);
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not host:port, like 192.0.2.1:8989, rng.example.org:8989 or [::1]:8989");
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
