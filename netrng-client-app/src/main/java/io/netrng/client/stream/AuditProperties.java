// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.audit.AuditLog;
import io.netrng.startup.PropertyChecks;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The audit log.
 *
 * @param file the file that the ranges of received samples are written to, without a byte of them;
 *     no audit log if unset
 * @param maxFileSize the size of the file above which a new one is started, from 64KB to 1TB
 * @param maxFiles the maximum number of files, from 2 to 1000; the oldest one is deleted
 */
@ConfigurationProperties("netrng.client.audit")
record AuditProperties(
    @Nullable Path file,
    @DefaultValue("100MB") DataSize maxFileSize,
    @DefaultValue("10") int maxFiles) {

  private static final String PREFIX = "netrng.client.audit.";
  private static final PropertyChecks CHECKS = new PropertyChecks(PREFIX);
  private static final DataSize LEAST_SIZE = DataSize.ofKilobytes(64);
  private static final DataSize MOST_SIZE = DataSize.ofTerabytes(1);
  private static final int MOST_FILES = 1_000;

  /** Checks the ranges. */
  AuditProperties {
    CHECKS.range(
        "max-file-size", maxFileSize, LEAST_SIZE, MOST_SIZE, "set it to a size from 64KB to 1TB");
    CHECKS.range("max-files", maxFiles, 2, MOST_FILES, "set it to 2 up to 1000 files");
  }

  /** Opens the log. */
  AuditLog open() {
    return AuditLog.open(PREFIX + "file", file, maxFileSize.toBytes(), maxFiles);
  }
}
