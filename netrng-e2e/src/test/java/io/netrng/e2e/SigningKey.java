// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A maintainer's gpg key for signing releases, in its own key ring. */
final class SigningKey {

  static final String NAME = "releases@example.org";

  /**
   * In /tmp, because the key ring contains the sockets of gpg's agent and their paths are limited.
   */
  private final Path home;

  private SigningKey(Path home) {
    this.home = home;
  }

  static SigningKey create() throws IOException, InterruptedException {
    SigningKey key = new SigningKey(Files.createTempDirectory("netrng-gpg"));
    key.run(
        "gpg",
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-generate-key",
        NAME,
        "ed25519",
        "sign",
        "never");
    return key;
  }

  /** Returns the environment variable that selects this key ring. */
  String variable() {
    return "GNUPGHOME=" + home;
  }

  /** Runs a program, which must succeed, with this key ring. */
  String run(String... command) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("env", variable()));
    all.addAll(List.of(command));
    return Machine.run(all);
  }

  /**
   * Turns a folder of packages into a repository with this key's signature, as {@code make dist}
   * does.
   */
  void index(Path folder) throws IOException, InterruptedException {
    run("../netrng-packaging/scripts/index-debs", folder.toString(), NAME);
  }

  /** Stops gpg's agent and removes the key ring. */
  void delete() throws IOException, InterruptedException {
    run("gpgconf", "--kill", "all");
    Machine.run(List.of("rm", "-rf", home.toString()));
  }
}
