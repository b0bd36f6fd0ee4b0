// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A TPM 2.0: {@code tpm:/dev/tpmrm0}, or the unix socket of an emulator such as swtpm.
 *
 * @param name the text of the configuration
 * @param path a character device or a unix socket
 */
record TpmDevice(String name, Path path) implements Device {

  private static final String PREFIX = "tpm:";

  static TpmDevice of(String text) {
    if (!text.startsWith(PREFIX + "/")) {
      throw new IllegalArgumentException(
          "%s is no TPM: write tpm:/dev/tpmrm0 or tpm:/path/of/a/socket".formatted(text));
    }
    return new TpmDevice(text, Path.of(text.substring(PREFIX.length())));
  }

  @Override
  public String shortName() {
    return String.valueOf(path.getFileName());
  }

  @Override
  public void check() throws IOException {
    if (!UnixSocket.is(path) && PathKind.of(path) != PathKind.CHARACTER_DEVICE) {
      throw new IOException("is neither a character device nor a unix socket");
    }
    UnixSocket.requireAccess(path);
  }

  /** Finds out whether the rules of the unit or container allow the device. */
  @Override
  public void tryOpen() throws IOException {
    if (!UnixSocket.is(path)) {
      open(0).close();
    }
  }

  @Override
  public Object identity() throws IOException {
    return UnixSocket.is(path) ? PathIdentity.ofInode(path) : PathIdentity.of(path);
  }

  @Override
  public DeviceInfo info() {
    return DeviceInfo.of("tpm", "TPM 2.0");
  }

  @Override
  public String fixFor(IOException cause) {
    return switch (cause) {
      case AccessDeniedException _ -> allow();
      case FileSystemException f when PathDevice.EPERM.equals(f.getReason()) -> allow();
      default ->
          "Name the device of a TPM 2.0, such as tpm:/dev/tpmrm0, or the unix socket of a running swtpm.";
    };
  }

  private String allow() {
    return "Allow the device in the server's unit (systemctl edit netrng-server): SupplementaryGroups=tss and DeviceAllow=%s rw"
        .formatted(path);
  }

  @Override
  public DeviceChannel open(long position) throws IOException {
    ByteChannel tpm =
        UnixSocket.is(path)
            ? SocketChannel.open(UnixDomainSocketAddress.of(path))
            : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new TpmChannel(tpm);
  }
}
