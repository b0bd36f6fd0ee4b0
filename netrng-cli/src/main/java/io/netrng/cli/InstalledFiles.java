// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;

/** Files that an app reads while they change: each is replaced in one step. */
final class InstalledFiles {

  private static final String PRIVATE = "rw-------";
  private static final String FOR_GROUP = "rw-r-----";
  private static final String PUBLIC = "rw-r--r--";

  private InstalledFiles() {}

  /** Writes a file that everybody may read. */
  static void publish(Path file, String text) throws IOException {
    put(file, text, PosixFilePermissions.fromString(PUBLIC));
  }

  /**
   * Writes a file that its owner may read, and a group.
   *
   * @param group the group; without such a group, the owner alone may read the file
   */
  static void restrict(Path file, String text, String group) throws IOException {
    Path written = write(file, text);
    try {
      GroupPrincipal principal =
          file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
      Files.getFileAttributeView(written, PosixFileAttributeView.class).setGroup(principal);
      Files.setPosixFilePermissions(written, PosixFilePermissions.fromString(FOR_GROUP));
    } catch (UserPrincipalNotFoundException e) {
      // A machine without the package has no such group; then root runs the app.
      Files.setPosixFilePermissions(written, PosixFilePermissions.fromString(PRIVATE));
    }
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Writes a file with the rights and the group that it has, or for everybody if it is new. */
  static void replace(Path file, String text) throws IOException {
    if (!Files.exists(file)) {
      publish(file, text);
      return;
    }
    PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
    Path written = write(file, text);
    PosixFileAttributeView view = Files.getFileAttributeView(written, PosixFileAttributeView.class);
    view.setOwner(attributes.owner());
    view.setGroup(attributes.group());
    Files.setPosixFilePermissions(written, attributes.permissions());
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void put(Path file, String text, Set<PosixFilePermission> permissions)
      throws IOException {
    Path written = write(file, text);
    Files.setPosixFilePermissions(written, permissions);
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path write(Path file, String text) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    Path written =
        Files.createTempFile(
            parent,
            ".new",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
    return Files.writeString(written, text);
  }
}
