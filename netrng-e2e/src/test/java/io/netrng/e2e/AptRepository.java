// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A signed apt repository of packages, as {@code make dist} creates it, and the commands of
 * docs/install.md for a machine that uses it. The repository is a folder of that machine.
 */
final class AptRepository {

  private static final String PAGE = "docs/install.md";
  private static final String OFFERED = "/srv/netrng";

  private final Path folder;
  private final SigningKey key;

  private AptRepository(Path folder, SigningKey key) {
    this.folder = folder;
    this.key = key;
  }

  static AptRepository of(Path... debs) throws IOException, InterruptedException {
    AptRepository repository =
        new AptRepository(Files.createTempDirectory("netrng-apt"), SigningKey.create());
    for (Path deb : debs) {
      repository.add(deb);
    }
    return repository;
  }

  /** Adds a package to the next {@link #publish}. */
  void add(Path deb) throws IOException {
    Files.copy(deb, folder.resolve(deb.getFileName()));
  }

  /** Copies index and packages to a machine. */
  void publish(DebianMachine machine) throws IOException, InterruptedException {
    key.index(folder);
    machine.replace(OFFERED, folder);
  }

  /** Configures apt's answers as unattended-upgrades does. The machine has no network. */
  static void prepare(DebianMachine machine) throws IOException, InterruptedException {
    machine.run(
        """
        rm -f /etc/apt/sources.list
        cat >/etc/apt/apt.conf.d/90unattended <<'END'
        APT::Get::Assume-Yes "true";
        Dpkg::Options { "--force-confold"; };
        END
        ip address add 192.0.2.10/32 dev lo
        mkdir /root/web-1
        """);
  }

  /**
   * Returns a code block of the page. On the same machine, the folder /root/web-1 stands for the
   * client's home directory.
   *
   * @param tested the mark of the block
   */
  static String typed(String tested) throws IOException {
    return Blocks.tested(tested, PAGE)
        .replace("https://packages.example.org/netrng", "file:" + OFFERED)
        .replaceAll("scp (.*) root@web-1:", "cp $1 /root/web-1");
  }

  /** Removes the repository and its key. */
  void delete() throws IOException, InterruptedException {
    key.delete();
    Machine.run(List.of("rm", "-rf", folder.toString()));
  }
}
