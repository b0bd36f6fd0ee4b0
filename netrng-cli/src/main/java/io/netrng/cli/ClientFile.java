// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The one file with which a client joins: properties, and behind them its certificate, its private
 * key and the certificate of the authority, as PEM. While a new authority replaces the old one, the
 * file has the certificates of both.
 *
 * @param name the client's name
 * @param properties the properties that it needs, without those of its files
 * @param certificate its certificate
 * @param key its private key
 * @param authority the certificate of the authority, or of each authority
 */
record ClientFile(
    String name, Map<String, String> properties, String certificate, String key, String authority) {

  private static final Pattern NAME = Pattern.compile("^# How the client (\\S+) joins ");
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z ]+)-----\n.*?-----END \\1-----\n", Pattern.DOTALL);
  private static final List<String> KINDS = List.of("CERTIFICATE", "PRIVATE KEY", "CERTIFICATE");
  private static final int CERTIFICATE = 0;
  private static final int KEY = 1;
  private static final int AUTHORITY = 2;

  /**
   * Reads the text of a file.
   *
   * @throws CommandFailure if it is not such a file
   */
  static ClientFile parse(String text) throws CommandFailure {
    Matcher name = NAME.matcher(text);
    List<String> kinds = new ArrayList<>();
    List<String> blocks = new ArrayList<>();
    Matcher pem = PEM.matcher(text);
    while (pem.find()) {
      kinds.add(pem.group(1));
      blocks.add(pem.group());
    }
    boolean isWhole =
        kinds.size() >= KINDS.size()
            && kinds.subList(0, KINDS.size()).equals(KINDS)
            && kinds.subList(AUTHORITY, kinds.size()).stream().allMatch(KINDS.getLast()::equals);
    if (!name.find() || !isWhole) {
      throw new CommandFailure(
          "This is no file of a client, or not all of it: 'netrng add-client' on the server writes one.");
    }
    Map<String, String> properties = new LinkedHashMap<>();
    for (String line : text.substring(0, text.indexOf("-----BEGIN")).split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0 && !line.startsWith("#")) {
        properties.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return new ClientFile(
        name.group(1),
        properties,
        blocks.get(CERTIFICATE),
        blocks.get(KEY),
        String.join("", blocks.subList(AUTHORITY, blocks.size())));
  }

  /** Returns the text of the file. */
  String text() {
    return "# How the client %s joins its server: netrng join FILE. It has a private key: keep it secret."
            .formatted(name)
        + properties.entrySet().stream()
            .map(property -> "\n" + property.getKey() + "=" + property.getValue())
            .collect(Collectors.joining())
        + "\n"
        + certificate
        + key
        + authority;
  }
}
