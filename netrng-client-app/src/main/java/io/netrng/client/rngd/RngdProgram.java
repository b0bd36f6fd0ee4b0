// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An {@code rngd} on this machine.
 *
 * @param path the path of the program
 * @param family its family
 * @param arguments the arguments that make it feed the kernel only from its standard input
 */
public record RngdProgram(Path path, RngdFamily family, List<String> arguments) {

  List<String> command() {
    return Stream.concat(Stream.of(path.toString()), arguments.stream()).toList();
  }
}
