// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.util.List;
import java.util.stream.Stream;

/** A network of two machines, which are network namespaces with a cable between them. */
final class Lan {

  static final String SERVER = "192.0.2.1";
  static final String CLIENT = "192.0.2.2";

  static final String SERVER_ELSEWHERE = "198.51.100.1";
  static final String CLIENT_ELSEWHERE = "198.51.100.2";

  private static final String ELSEWHERE = "elsewhere";

  private final String suffix = Long.toString(ProcessHandle.current().pid());

  Lan() throws Exception {
    String end = cable("server");
    String other = cable("client");
    ip("netns", "add", namespace("server"));
    ip("netns", "add", namespace("client"));
    ip("link", "add", end, "type", "veth", "peer", "name", other);
    attach("server", end, SERVER);
    attach("client", other, CLIENT);
  }

  /** Returns the beginning of the command line of a program on the server's machine. */
  List<String> onServer() {
    return List.of("ip", "netns", "exec", namespace("server"));
  }

  /** Returns the beginning of the command line of a program on the client's machine. */
  List<String> onClient() {
    return List.of("ip", "netns", "exec", namespace("client"));
  }

  private void attach(String machine, String end, String address) throws Exception {
    String namespace = namespace(machine);
    ip("-n", namespace, "link", "set", "lo", "up");
    ip("link", "set", end, "netns", namespace);
    ip("-n", namespace, "address", "add", address + "/24", "dev", end);
    ip("-n", namespace, "link", "set", end, "up");
    ip("-n", namespace, "route", "add", "default", "dev", end);
  }

  /** Moves the default route of both machines to an interface that leads nowhere. */
  void leadElsewhere() throws Exception {
    leadElsewhere("server", SERVER_ELSEWHERE);
    leadElsewhere("client", CLIENT_ELSEWHERE);
  }

  private void leadElsewhere(String machine, String address) throws Exception {
    String namespace = namespace(machine);
    ip("-n", namespace, "link", "add", ELSEWHERE, "type", "veth", "peer", "name", "nowhere");
    ip("-n", namespace, "address", "add", address + "/24", "dev", ELSEWHERE);
    ip("-n", namespace, "link", "set", ELSEWHERE, "up");
    ip("-n", namespace, "link", "set", "nowhere", "up");
    ip("-n", namespace, "route", "replace", "default", "dev", ELSEWHERE);
  }

  /** Moves the default route of both machines back to the network. */
  void leadBack() throws Exception {
    for (String machine : List.of("server", "client")) {
      ip("-n", namespace(machine), "route", "replace", "default", "dev", cable(machine));
    }
  }

  private String namespace(String machine) {
    return "netrng-lan-%s-%s".formatted(machine, suffix);
  }

  private String cable(String machine) {
    return "nrl%s%s".formatted(machine.charAt(0), suffix);
  }

  private static void ip(String... arguments) throws Exception {
    Machine.run(Stream.concat(Stream.of("ip"), Stream.of(arguments)).toList());
  }

  void delete() throws Exception {
    ip("netns", "delete", namespace("server"));
    ip("netns", "delete", namespace("client"));
  }
}
