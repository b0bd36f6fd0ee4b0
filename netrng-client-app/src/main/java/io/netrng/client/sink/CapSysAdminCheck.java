// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Checks the right to credit entropy to the kernel and to reseed its generator: CAP_SYS_ADMIN in
 * the initial user namespace. Without this capability, some families of {@code rngd} appear healthy
 * and feed nothing.
 */
public final class CapSysAdminCheck {

  private static final long CAP_SYS_ADMIN = 1L << 21;
  private static final List<String> INITIAL_NAMESPACE = List.of("0", "0", "4294967295");
  private static final String CURE =
      "Run the client as root or with CAP_SYS_ADMIN as an ambient capability (systemd:"
          + " AmbientCapabilities=CAP_SYS_ADMIN; Kubernetes: uid 0, capabilities add SYS_ADMIN,"
          + " hostUsers not false).";

  private CapSysAdminCheck() {}

  /** Who needs the right. */
  public enum User {
    /** The process itself. */
    ITSELF,
    /** A program that it starts. */
    CHILD
  }

  /**
   * Checks a process.
   *
   * @param proc its directory, {@code /proc/self}
   * @throws StartupException if the user may not feed the kernel
   */
  public static void require(Path proc, User user) {
    missing(proc, user)
        .ifPresent(reason -> {
          throw new StartupException("There is no right to feed the kernel: " + reason + ".", CURE);
        });
  }

  /** Returns what the user lacks; empty if it may feed the kernel. */
  public static Optional<String> missing(Path proc, User user) {
    try {
      List<String> status = Files.readAllLines(proc.resolve("status"));
      boolean root = words(field(status, "Uid:")).get(1).equals("0");
      // A child of root inherits root's capabilities; a child of another user inherits the ambient
      // ones.
      boolean inherited = user == User.ITSELF || root || has(status, "CapAmb:");
      if (!has(status, "CapEff:") || !inherited) {
        return Optional.of("no CAP_SYS_ADMIN");
      }
      return words(Files.readString(proc.resolve("uid_map"))).equals(INITIAL_NAMESPACE)
          ? Optional.empty()
          : Optional.of("this is not the initial user namespace");
    } catch (IOException e) {
      throw new StartupException(
          "It cannot be told whether there is a right to feed the kernel: " + e.getMessage() + ".",
          "NetRNG's client runs on Linux, with /proc.");
    }
  }

  private static boolean has(List<String> status, String set) {
    return (Long.parseUnsignedLong(field(status, set), 16) & CAP_SYS_ADMIN) != 0;
  }

  private static String field(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).trim())
        .findFirst()
        .orElse("0 0");
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.trim().split("\\s+"));
  }
}
