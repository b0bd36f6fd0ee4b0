// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.startup.InvalidPropertyException;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the client finds {@code rngd}.
 *
 * @param command path or name of the program; the client searches for a name on PATH and then in
 *     the usual directories of system programs
 * @param requireCapability whether the client starts only with CAP_SYS_ADMIN in the initial user
 *     namespace; false is for the training of the AOT cache, because without this capability {@code
 *     rngd} feeds nothing
 */
@ConfigurationProperties("netrng.client.rngd")
record RngdProperties(
    @DefaultValue("rngd") String command, @DefaultValue("true") boolean requireCapability) {

  RngdProperties {
    if (command.isBlank()) {
      throw new InvalidPropertyException(
          "netrng.client.rngd.command",
          "'" + command + "'",
          "give the path or the name of the program.");
    }
  }
}
