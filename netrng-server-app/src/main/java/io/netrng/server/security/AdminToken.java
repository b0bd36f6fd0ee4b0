// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.startup.ConfigCheck;
import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The shared secret of the administrators. Only its digest is kept. */
final class AdminToken {

  private static final Logger log = LoggerFactory.getLogger(AdminToken.class);

  private static final String PROPERTY = "netrng.server.admin.token-file";
  private static final int RANDOM_BYTES = 32;
  private static final int LEAST_LENGTH = 16;
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OWNERS_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  private final byte[] digest;

  private AdminToken(String token) {
    digest = digest(token);
  }

  /**
   * Reads the token, or creates one if the file is missing. A check of the configuration creates
   * none.
   *
   * @throws StartupException if the file can be neither read nor created, or contains no valid
   *     token
   */
  static AdminToken of(Path file) {
    try {
      if (Files.exists(file)) {
        return read(file);
      }
      if (ConfigCheck.isRunning()) {
        requireWritable(file.toAbsolutePath());
        return new AdminToken("");
      }
      make(file);
      return read(file);
    } catch (IOException e) {
      throw new StartupException(
          "%s = %s cannot be used: %s.".formatted(PROPERTY, file, reasonOf(e)),
          "Name a file that this user may read, or one in a directory that it may write to.");
    }
  }

  /** Checks that a start can create the file and the missing ones of its directories. */
  private static void requireWritable(Path file) throws IOException {
    Path nearest = file.getParent();
    while (nearest != null && !Files.exists(nearest)) {
      nearest = nearest.getParent();
    }
    if (nearest != null) {
      nearest.getFileSystem().provider().checkAccess(nearest, AccessMode.WRITE, AccessMode.EXECUTE);
    }
  }

  /**
   * Creates the file with all its content in one step, by a hard link. If another server creates
   * the file at the same time, its token stays.
   */
  private static void make(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNERS_DIRECTORY));
    Path draft =
        Files.createTempFile(
            directory, ".admin-token", "", PosixFilePermissions.asFileAttribute(OWNER));
    try {
      Files.writeString(draft, newToken() + "\n");
      Files.createLink(file, draft);
      log.atInfo().addKeyValue("file", file).log("admin token created");
    } catch (FileAlreadyExistsException _) {
      // Another server was first.
    } finally {
      Files.delete(draft);
    }
  }

  private static String newToken() {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  private static AdminToken read(Path file) throws IOException {
    String token = Files.readString(file).strip();
    if (token.length() < LEAST_LENGTH || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new StartupException(
          "%s = %s holds no token of at least %d printable characters."
              .formatted(PROPERTY, file, LEAST_LENGTH),
          "Put one there on a line of its own, or remove the file to have one made.");
    }
    if (!OWNER.containsAll(Files.getPosixFilePermissions(file))) {
      log.atWarn()
          .addKeyValue("file", file)
          .log("admin token is readable or writable by other users: chmod 600");
    }
    log.atInfo().addKeyValue("file", file).log("admin token read");
    return new AdminToken(token);
  }

  /** Whether the candidate is the token. The comparison takes constant time. */
  boolean matches(String candidate) {
    return MessageDigest.isEqual(digest, digest(candidate));
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String reasonOf(IOException e) {
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getClass().getSimpleName();
  }
}
