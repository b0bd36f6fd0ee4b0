// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Certificates of an operator in a home lab, created by scripts/certs. */
final class Certificates {

  private Certificates() {}

  /**
   * Creates an authority if there is none, and certificates.
   *
   * @param server the server's names and addresses, separated by blanks
   * @param clients the names of the clients
   * @return the output of the script, which contains the properties of both sides
   */
  static String make(Path directory, String server, String... clients) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("../scripts/certs", directory.toString(), server));
    command.addAll(List.of(clients));
    return Machine.run(command);
  }

  /**
   * Returns the properties of an app that uses one of the certificates, followed by more
   * properties.
   */
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
