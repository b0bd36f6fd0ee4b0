package io.netrng.client.rngd;

import io.netrng.startup.InvalidPropertyException;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How {@code rngd} is found.
 *
 * @param command path or name of the program; a name is looked for on PATH and then in the usual
 *     directories for system programs
 */
@ConfigurationProperties("netrng.client.rngd")
record RngdProperties(@DefaultValue("rngd") String command) {

  RngdProperties {
    if (command.isBlank()) {
      throw new InvalidPropertyException(
          "netrng.client.rngd.command",
          "'" + command + "'",
          "give the path or the name of the program.");
    }
  }
}
