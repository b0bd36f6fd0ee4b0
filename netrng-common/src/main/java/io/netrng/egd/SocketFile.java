// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netrng.startup.StartupException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * The file of a listening unix socket. The socket is bound to a temporary name in the same
 * directory. It gets its final name after its group and mode, so that no client connects before.
 *
 * <p>One thread at a time uses it.
 */
final class SocketFile {

  private static final String TEMPORARY_SUFFIX = ".new";

  /**
   * The maximum length of the path in bytes. Linux allows 107 (unix(7)), of which the temporary
   * name needs four.
   */
  static final int LONGEST_PATH = 107 - TEMPORARY_SUFFIX.length();

  private static final int FILE_TYPE_MASK = 0xf000;
  private static final int SOCKET = 0xc000;

  private final EgdListen listen;
  private final String property;
  private final Path path;
  private final Path temporary;

  /** The identity of the file with the final name; null before it exists. */
  private @Nullable Object key;

  /**
   * Names the file.
   *
   * @param property the name of the entry in the configuration
   */
  SocketFile(EgdListen listen, String property) {
    this.listen = listen;
    this.property = property;
    path = listen.path();
    temporary = path.resolveSibling(path.getFileName() + TEMPORARY_SUFFIX);
  }

  /** The name that the socket is bound to. */
  Path temporary() {
    return temporary;
  }

  /**
   * Checks what does not depend on whether the program runs already.
   *
   * @throws StartupException if the group does not exist, or another file has the path
   */
  void check() {
    group();
    try {
      if (exists() && !isSocket()) {
        throw failure("the file of this name is not a socket", "Remove it, or change the path.");
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Prepares the directory for the temporary name.
   *
   * @throws StartupException if another process listens at the path, or the directory cannot be
   *     used
   */
  void prepare() {
    check();
    Path directory = temporary.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw failure("there is no directory " + directory, "Create it, or change the path.");
    }
    if (!Files.isWritable(directory)) {
      throw failure(
          "this user has no permission to write to " + directory,
          "Change the owner of the directory, or change the path.");
    }
    try {
      if (exists() && isInUse()) {
        throw failure(
            "another process listens there", "End it (ss -lxp shows it), or change the path.");
      }
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Sets group and mode of the bound socket, and gives it its final name. A socket that a crashed
   * process left is replaced.
   *
   * @throws StartupException if the file system refuses it
   */
  void publish() {
    try {
      GroupPrincipal group = group();
      if (group != null) {
        Files.getFileAttributeView(temporary, PosixFileAttributeView.class).setGroup(group);
      }
      Files.setAttribute(temporary, "unix:mode", listen.socketModeBits());
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      key = key(path);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Deletes the file, unless it belongs to another socket meanwhile. */
  void delete() throws IOException {
    if (key != null && exists() && key.equals(key(path))) {
      Files.deleteIfExists(path);
    }
    key = null;
  }

  private @Nullable GroupPrincipal group() {
    String group = listen.socketGroup();
    if (group == null) {
      return null;
    }
    try {
      return path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
    } catch (UserPrincipalNotFoundException e) {
      throw new StartupException(
          "%s.socket-group = %s does not exist on this machine.".formatted(property, group),
          "Create the group, or name another one.");
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private boolean exists() {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  private boolean isSocket() throws IOException {
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return (mode & FILE_TYPE_MASK) == SOCKET;
  }

  /** Whether a process listens at the path. Does not wait, even if its backlog is full. */
  private boolean isInUse() throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException e) {
      return false;
    }
  }

  private static @Nullable Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  private StartupException failure(IOException cause) {
    String reason = cause.getMessage();
    return failure(
        reason == null ? cause.toString() : reason,
        "Give this user permission for the directory and the group, or change the path.");
  }

  private StartupException failure(String reason, String fix) {
    return EgdListener.failure(property, listen, reason, fix);
  }
}
