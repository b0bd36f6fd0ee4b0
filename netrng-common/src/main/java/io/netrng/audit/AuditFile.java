// SPDX-License-Identifier: Apache-2.0
package io.netrng.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that is opened for append, and rotated by its size: {@code audit.log} becomes
 * {@code audit.log.1}, and the oldest file is deleted. Every error is thrown. The next append opens
 * the file again. Used by one thread.
 */
final class AuditFile implements AutoCloseable {

  private static final String PERMISSIONS = "rw-r-----";

  /** The first characters of each line. */
  private static final String BEGIN = "{\"at\":\"";

  /** More than the longest line, in bytes. */
  private static final int LONGEST_LINE = 4 * 1024;

  private final Path path;
  private final long maxSize;
  private final int maxFiles;
  private @Nullable FileChannel channel;
  private @Nullable Object key;

  /**
   * Describes a file, without opening it.
   *
   * @param maxSize bytes of one file
   * @param maxFiles the number of files, this one included, at least 2
   */
  AuditFile(Path path, long maxSize, int maxFiles) {
    this.path = path;
    this.maxSize = maxSize;
    this.maxFiles = maxFiles;
  }

  Path path() {
    return path;
  }

  /** Appends whole lines. After an error, a part of them may be in the file. */
  void append(ByteBuffer lines) throws IOException {
    try {
      FileChannel open = isOpen() ? Objects.requireNonNull(channel) : open();
      long size = open.size();
      if (size > 0 && size + lines.remaining() > maxSize) {
        open = rotate();
      }
      while (lines.hasRemaining()) {
        open.write(lines);
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Whether the path still names the open file, which others may have moved or deleted. */
  private boolean isOpen() throws IOException {
    return channel != null && Files.exists(path) && Objects.equals(key, keyOf(path));
  }

  private static @Nullable Object keyOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /** Opens or creates the file. */
  FileChannel open() throws IOException {
    close();
    boolean isNew = !Files.exists(path);
    if (!isNew && !Files.isRegularFile(path)) {
      // Opening a FIFO would wait for its reader.
      throw new FileSystemException(path.toString(), null, "not a regular file");
    }
    FileChannel opened =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    channel = opened;
    key = keyOf(path);
    if (isNew) {
      // Not at its creation, because the umask of a service removes the group's permission.
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(PERMISSIONS));
    } else {
      removeIncompleteLine(opened);
    }
    return opened;
  }

  /**
   * Removes the part of a line that a crash or a full disk has left at the end of the file. Does
   * not touch a file that is no audit log.
   */
  private void removeIncompleteLine(FileChannel open) throws IOException {
    long size = open.size();
    ByteBuffer tail = ByteBuffer.allocate((int) Math.min(size, LONGEST_LINE));
    try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
      in.read(tail, size - tail.capacity());
    }
    String text = new String(tail.array(), StandardCharsets.ISO_8859_1);
    String incomplete = text.substring(text.lastIndexOf('\n') + 1);
    if (!incomplete.startsWith(BEGIN) && !BEGIN.startsWith(incomplete)) {
      throw new FileSystemException(path.toString(), null, "it is not an audit log");
    }
    open.truncate(size - incomplete.length());
  }

  private FileChannel rotate() throws IOException {
    close();
    for (int i = maxFiles - 1; i > 0; i--) {
      Path from = numbered(i - 1);
      if (Files.exists(from)) {
        Files.move(from, numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return open();
  }

  private Path numbered(int number) {
    return number == 0 ? path : path.resolveSibling(path.getFileName() + "." + number);
  }

  @Override
  public void close() throws IOException {
    FileChannel last = channel;
    channel = null;
    if (last != null) {
      last.close();
    }
  }

  /** Returns the cause of an error without the path. */
  static String reasonOf(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such directory";
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
