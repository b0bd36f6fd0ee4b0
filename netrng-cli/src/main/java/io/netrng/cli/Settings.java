// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * What a package's configuration file says of where an app listens and of its token. Values that
 * the file does not have are the apps' defaults.
 */
final class Settings {

  private static final String ANY_IPV4 = "0.0.0.0";
  private static final String ANY = "::";
  private static final String LOOPBACK = "127.0.0.1";

  private final Properties properties = new Properties();

  /**
   * Reads a file. One that is missing, or that this user may not read, has no values.
   *
   * @param file such as /etc/netrng/server.properties
   */
  Settings(Path file) throws CommandFailure {
    if (Files.isReadable(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw new CommandFailure("%s cannot be read: %s".formatted(file, e.getMessage()), e);
      }
    }
  }

  /** Returns the URL of an app's HTTP on this machine. */
  String url(int defaultPort) {
    String address = properties.getProperty("server.address", LOOPBACK);
    if (address.equals(ANY_IPV4) || address.equals(ANY)) {
      address = LOOPBACK;
    }
    String host = address.contains(":") ? "[" + address + "]" : address;
    return "http://%s:%s"
        .formatted(host, properties.getProperty("server.port", Integer.toString(defaultPort)));
  }

  /** Returns the file with the administrator's token. */
  Path tokenFile() {
    String home = System.getProperty("user.home");
    return Path.of(
        properties.getProperty("netrng.server.admin.token-file", home + "/.netrng/admin-token"));
  }
}
