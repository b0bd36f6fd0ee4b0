// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A root directory with a Debian release, whose programs run on this machine's kernel, devices and
 * network. Other directories are mounted in it while a program runs.
 */
final class Chroot {

  private final Path root;
  private final StringBuilder mounts =
      new StringBuilder("mount -t proc proc proc; mount --bind /dev dev");

  /**
   * Creates it for a root directory.
   *
   * @param root a directory, as {@link DebianMachine#bootstrap} creates it
   */
  Chroot(Path root) {
    this.root = root;
  }

  /** Mounts a directory of this machine read-only at the same or another path. */
  Chroot withReadOnly(Path directory, String as) throws IOException {
    Path real = directory.toRealPath();
    Files.createDirectories(root.resolve(as.substring(1)));
    mounts.append("; mount --bind -o ro %s .%s".formatted(real, as));
    return this;
  }

  /**
   * Returns the command that runs a program there in its own mount namespace. Signals reach the
   * program.
   */
  List<String> command(String... program) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                "cd %s; %s; exec chroot . \"$@\"".formatted(root, mounts),
                "chroot"));
    command.addAll(List.of(program));
    return command;
  }

  /** Runs a shell script there, which must succeed, and returns its output. */
  String run(String script) throws IOException, InterruptedException {
    return Machine.run(command("sh", "-ec", script));
  }
}
