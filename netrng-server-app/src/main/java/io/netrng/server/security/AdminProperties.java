// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The authentication of administrators.
 *
 * @param tokenFile the file with the bearer token, on one line; it is created with a random token
 *     if it is missing
 */
@ConfigurationProperties("netrng.server.admin")
record AdminProperties(Path tokenFile) {

  /** Applies the default. */
  public AdminProperties(@Nullable Path tokenFile) {
    this.tokenFile =
        tokenFile == null
            ? Path.of(System.getProperty("user.home"), ".netrng", "admin-token")
            : tokenFile;
  }
}
