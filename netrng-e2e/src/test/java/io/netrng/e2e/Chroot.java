// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A root of a Debian release whose programs run on this machine's kernel, devices and network.
 * Other directories appear in it while a program runs.
 */
final class Chroot {

  private final Path root;
  private final StringBuilder mounts =
      new StringBuilder("mount -t proc proc proc; mount --bind /dev dev");

  /**
   * Names a root.
   *
   * @param root a directory, as {@link DebianMachine#bootstrap} makes it
   */
  Chroot(Path root) {
    this.root = root;
  }

  /** Makes a directory of this machine visible there, to be read only. */
  Chroot withReadOnly(Path directory, String as) throws IOException {
    Path real = directory.toRealPath();
    Files.createDirectories(root.resolve(as.substring(1)));
    mounts.append("; mount --bind -o ro %s .%s".formatted(real, as));
    return this;
  }

  /** Returns what runs a program there, in a mount namespace of its own; signals reach it. */
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

  /** Runs a shell script there, which must end well, and returns what it printed. */
  String run(String script) throws IOException, InterruptedException {
    return Machine.run(command("sh", "-ec", script));
  }
}
