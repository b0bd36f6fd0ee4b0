package io.netrng.server.security;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What administrators prove who they are by.
 *
 * @param tokenFile holds the bearer token, on one line; it is made with a random token if it is
 *     missing
 */
@ConfigurationProperties("netrng.server.admin")
public record AdminProperties(Path tokenFile) {

  /** Puts the default in place. */
  public AdminProperties(@Nullable Path tokenFile) {
    this.tokenFile =
        tokenFile == null
            ? Path.of(System.getProperty("user.home"), ".netrng", "admin-token")
            : tokenFile;
  }
}
