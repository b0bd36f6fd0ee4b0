// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceInfo;

/** A program that announces a service of the type of NetRNG's servers, until it is killed. */
final class Announcement {

  private Announcement() {}

  /** Starts the program behind a prefix, and waits until the service is announced. */
  static Process start(List<String> prefix, String address, int port, String key, String value)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Announcement.class.getName(),
            address,
            Integer.toString(port),
            key,
            value));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (process.inputReader().readLine() == null) {
      throw new IOException("the program ended");
    }
    return process;
  }

  /** Takes the address, the port, and the key and value of the TXT record. */
  public static void main(String[] args) throws IOException {
    JmDNS mdns = JmDNS.create(InetAddress.ofLiteral(args[0]));
    mdns.registerService(
        ServiceInfo.create(
            "_netrng._tcp.local.",
            "other",
            Integer.parseInt(args[1]),
            0,
            0,
            Map.of(args[2], args[3])));
    System.out.println("announced");
  }
}
