// SPDX-License-Identifier: Apache-2.0
package io.netrng.audit;

import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The log that proves which ranges of the stream were delivered or received, without a byte of
 * entropy. All methods may be called from any thread.
 */
public final class AuditLog implements AutoCloseable {

  private final @Nullable AuditWriter writer;

  private AuditLog(@Nullable AuditWriter writer) {
    this.writer = writer;
  }

  /** Returns a log that ignores all records. */
  public static AuditLog off() {
    return new AuditLog(null);
  }

  /**
   * Opens a log.
   *
   * @param property the property that names the file
   * @param file off if null
   * @param maxFileSize bytes of a file before it is rotated
   * @param maxFiles the number of files, at least 2
   * @throws StartupException if the file cannot be opened
   */
  public static AuditLog open(
      String property, @Nullable Path file, long maxFileSize, int maxFiles) {
    if (file == null) {
      return off();
    }
    AuditFile lines = new AuditFile(file, maxFileSize, maxFiles);
    try {
      lines.open();
    } catch (IOException e) {
      throw new StartupException(
          "%s = %s cannot be opened: %s.".formatted(property, file, AuditFile.reasonOf(e)),
          "Name a file in a directory that the app's user can write to, or do not set %s."
              .formatted(property));
    }
    AuditWriter writer = new AuditWriter(lines, AuditWriter.QUEUE_CAPACITY);
    writer.start();
    return new AuditLog(writer);
  }

  /**
   * Adds a record. Never blocks.
   *
   * @param offset position of the first byte in the released stream
   * @param size bytes of entropy
   */
  public void append(AuditSession session, long offset, int size) {
    if (writer != null) {
      writer.append(session, offset, size);
    }
  }

  /** The number of records that could not be written. */
  public long lost() {
    return writer == null ? 0 : writer.lost();
  }

  /** Writes the records so far, within some seconds, and closes the file. */
  @Override
  public void close() {
    if (writer != null) {
      try {
        writer.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
