package io.netrng.client.rngd;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An {@code rngd} that was found on this machine.
 *
 * @param path where it is
 * @param family which of its kinds it is
 * @param arguments what makes it feed the kernel from its standard input and from nothing else
 */
public record RngdProgram(Path path, RngdFamily family, List<String> arguments) {

  List<String> command() {
    return Stream.concat(Stream.of(path.toString()), arguments.stream()).toList();
  }
}
