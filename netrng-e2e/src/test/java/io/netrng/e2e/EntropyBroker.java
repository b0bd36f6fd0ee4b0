// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * An EGD server: Debian's entropybroker with a source and its EGD socket. It has network and
 * process namespaces of its own, because its port is fixed and some of its programs ignore SIGTERM.
 */
final class EntropyBroker implements AutoCloseable {

  private static final String SCRIPT =
      """
      ip link set lo up
      cd "$1"
      sed -e 's/^webserver_port.*/webserver_port = -1/' -e 's/^allow_prng.*/allow_prng = 1/' \\
        -e 's/^listen_adapter.*/listen_adapter = ::FFFF:127.0.0.1/' -e "s#^users.*#users = $1/users#" \\
        -e 's/^\\(default_sleep_time_when_pools_full\\).*/\\1 = 1/' \\
        /etc/entropybroker/entropy_broker.conf >broker.conf
      entropy_broker -n -c broker.conf -l /dev/null -L 2 -P broker.pid &
      until (exec 3<>/dev/tcp/127.0.0.1/55225) 2>/dev/null; do sleep 0.1; done
      eb_server_stream -n -I localhost -d /dev/urandom -X login -l /dev/null -L 2 -P s.pid &
      sleep 0.5
      eb_client_egd -n -I localhost -d "$1/egd" -X login -l /dev/null -L 2 -P egd.pid
      """;

  private final Path socket;
  private final Process process;

  /**
   * Starts all programs.
   *
   * @param directory gets their files; a socket of an earlier start is removed
   */
  EntropyBroker(Path directory) throws IOException {
    socket = directory.resolve("egd");
    Files.deleteIfExists(socket);
    writeSecret(directory.resolve("users"), "netrng|a-long-password|1000000000\n");
    writeSecret(directory.resolve("login"), "netrng\na-long-password\n");
    process =
        new ProcessBuilder(
                "unshare",
                "--net",
                "--pid",
                "--fork",
                "--kill-child",
                "bash",
                "-c",
                SCRIPT,
                "bash",
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("broker.log").toFile())
            .start();
    Machine.awaitFile(socket, process);
  }

  /** Writes a file that its programs accept: nobody else may read it. */
  private static void writeSecret(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  Path socket() {
    return socket;
  }

  /** Kills all programs. */
  @Override
  public void close() {
    Machine.kill(List.of(process));
  }
}
