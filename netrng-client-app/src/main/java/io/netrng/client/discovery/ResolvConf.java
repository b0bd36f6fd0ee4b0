// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The name servers and search domains of this machine, as in resolv.conf(5). Netty's own reader
 * falls back to public name servers if the file names none.
 *
 * @param nameServers in the order in which they should be asked; empty if the file names none
 * @param searchDomains in their order, without a final dot
 */
record ResolvConf(List<InetSocketAddress> nameServers, List<String> searchDomains) {

  /** The file of the system. */
  static final Path FILE = Path.of("/etc/resolv.conf");

  private static final int PORT = 53;

  /** Reads a file. Its last line with search domains has precedence, as in the C library. */
  static ResolvConf read(Path file) throws IOException {
    List<InetSocketAddress> nameServers = new ArrayList<>();
    List<String> searchDomains = List.of();
    for (String line : Files.readAllLines(file)) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length < 2) {
        continue;
      }
      switch (words[0]) {
        case "nameserver" -> addNameServer(words[1], nameServers);
        case "domain", "search" -> searchDomains = domains(words);
        default -> {}
      }
    }
    return new ResolvConf(List.copyOf(nameServers), searchDomains);
  }

  private static List<String> domains(String[] words) {
    return Arrays.stream(words)
        .skip(1)
        .map(domain -> domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain)
        .filter(domain -> !domain.isEmpty())
        .toList();
  }

  private static void addNameServer(String text, List<InetSocketAddress> nameServers) {
    try {
      nameServers.add(new InetSocketAddress(InetAddress.ofLiteral(text), PORT));
    } catch (IllegalArgumentException e) {
      // The C library ignores such a line too.
    }
  }
}
