// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Certificates as an operator makes them in a home lab. */
final class Certificates {

  private Certificates() {}

  /**
   * Makes an authority where there is none, and certificates.
   *
   * @param server its names and addresses, with blanks between
   * @param clients their names
   * @return what the script prints, which an operator is told to paste
   */
  static String make(Path directory, String server, String... clients) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("../scripts/certs", directory.toString(), server));
    command.addAll(List.of(clients));
    return Machine.run(command);
  }

  /** The properties of an app that shows one of them, and more. */
  static String[] bundle(Path directory, String name, String... more) {
    String bundle = "--spring.ssl.bundle.pem.netrng.";
    return Stream.concat(
            Stream.of(
                bundle + "keystore.certificate=file:" + directory.resolve(name + ".crt"),
                bundle + "keystore.private-key=file:" + directory.resolve(name + ".key"),
                bundle + "keystore.verify-keys=true",
                bundle + "truststore.certificate=file:" + directory.resolve("ca.crt"),
                bundle + "reload-on-update=true"),
            Stream.of(more))
        .toArray(String[]::new);
  }
}
