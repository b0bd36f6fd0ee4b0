// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One entry of the list of servers: an address, or a way to discover servers. */
public sealed interface ServerEntry
    permits ServerAddress, ServerEntry.Srv, ServerEntry.Mdns, ServerEntry.Auto {

  /**
   * Parses an entry. Spring's conversion finds this method by its name.
   *
   * @throws IllegalArgumentException if the text is not an entry; the message describes the format
   */
  static ServerEntry valueOf(String text) {
    String entry = text.trim();
    return switch (entry) {
      case Mdns.TEXT -> new Mdns();
      case Auto.TEXT -> new Auto();
      default -> entry.startsWith(Srv.PREFIX) ? Srv.valueOf(entry) : ServerAddress.valueOf(entry);
    };
  }

  /** The servers that are announced in the local network by multicast DNS. */
  record Mdns() implements ServerEntry {

    private static final String TEXT = "mdns:";

    @Override
    public String toString() {
      return TEXT;
    }
  }

  /**
   * The servers in the SRV records of the first search domain that has some, else those of {@link
   * Mdns} if that is allowed.
   */
  record Auto() implements ServerEntry {

    private static final String TEXT = "auto";

    /** Returns the name of the service in a search domain. */
    static String serviceIn(String domain) {
      return "_netrng._tcp." + domain;
    }

    @Override
    public String toString() {
      return TEXT;
    }
  }

  /**
   * The servers in the SRV records of a name (RFC 2782).
   *
   * @param name with its service labels and without a final dot, such as {@code
   *     _netrng._tcp.example.org}
   */
  record Srv(String name) implements ServerEntry {

    private static final String PREFIX = "srv:";
    private static final int LONGEST_NAME = 253;
    private static final Pattern NAME =
        Pattern.compile(
            "_[a-z0-9-]{1,62}\\._[a-z0-9-]{1,62}\\.([a-z0-9_-]{1,63}(?:\\.[a-z0-9_-]{1,63})*)",
            Pattern.CASE_INSENSITIVE);

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if the name is not a service of a domain
     */
    public Srv {
      if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "'" + name + "' is not the name of a service, like _netrng._tcp.example.org");
      }
    }

    private static Srv valueOf(String entry) {
      String name = entry.substring(PREFIX.length());
      return new Srv(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
    }

    /**
     * Returns the name without its service labels. The certificates must be valid for it, because
     * DNS answers are not authenticated (RFC 6125, section 6.2.1).
     */
    public String domain() {
      Matcher matcher = NAME.matcher(name);
      return matcher.matches() ? matcher.group(1) : name;
    }

    @Override
    public String toString() {
      return PREFIX + name;
    }
  }
}
