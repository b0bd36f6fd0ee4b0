// SPDX-License-Identifier: Apache-2.0
package io.netrng.http;

import io.netrng.startup.InvalidPropertyException;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The hosts that an HTTP request may address. A web page whose DNS name resolves to this machine
 * (DNS rebinding) sends its own name, which is not allowed. IP addresses are allowed because a page
 * cannot have another machine's address as its name. Names under {@code localhost} are allowed
 * because their requests never leave a machine.
 */
public final class AllowedHosts {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
  private static final Pattern HOST = Pattern.compile("(?<host>\\[[^\\]]*]|[^:]*)(:[0-9]{0,5})?");
  private static final String LOCALHOST = "localhost";

  private final String property;
  private final Set<String> names;

  /**
   * Checks the configured names.
   *
   * @param property the property with the names
   * @param names without ports; case is ignored
   * @throws InvalidPropertyException if one is not a host name
   */
  public AllowedHosts(String property, List<String> names) {
    this.property = property;
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new InvalidPropertyException(
            property + "[]", "'" + name + "'", "give a host name without scheme, port or *");
      }
    }
    this.names = names.stream().map(AllowedHosts::lower).collect(Collectors.toUnmodifiableSet());
  }

  /** Returns the property with the configured names. */
  String property() {
    return property;
  }

  /**
   * Returns whether a request may address this host.
   *
   * @param authority the value of its Host header, such as {@code rng.example.org:8080}
   */
  public boolean allow(String authority) {
    Matcher matcher = HOST.matcher(authority);
    if (!matcher.matches()) {
      return false;
    }
    String host = lower(matcher.group("host"));
    if (host.startsWith("[")) {
      return NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1));
    }
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return NetUtil.isValidIpV4Address(name)
        || name.equals(LOCALHOST)
        || name.endsWith("." + LOCALHOST)
        || names.contains(name);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
