// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import io.netrng.testkit.Pty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;

/**
 * A random number generator with a serial interface: a pseudo-terminal that sends random bytes of
 * all values while somebody reads. Closing it unplugs it.
 */
final class SerialStick implements AutoCloseable {

  private static final int BLOCK = 1_024;
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(100);

  private final Pty pty;
  private final Thread sender;
  private volatile boolean unplugged;

  private SerialStick(Pty pty) {
    this.pty = pty;
    sender = Thread.ofPlatform().daemon().name("stick").start(this::send);
  }

  /** Plugs in a generator under this name. */
  static SerialStick plugIn(Path name) throws IOException {
    Pty pty = Pty.open();
    Path link = name.resolveSibling("new");
    Files.createSymbolicLink(link, pty.path());
    Files.move(link, name, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return new SerialStick(pty);
  }

  private void send() {
    SecureRandom random = new SecureRandom();
    byte[] block = new byte[BLOCK];
    while (!unplugged) {
      random.nextBytes(block);
      try {
        pty.write(block, CHECK_INTERVAL);
      } catch (IOException e) {
        // Nobody reads at present. The rest of the block is as random as the next one.
      }
    }
    pty.close();
  }

  @Override
  public void close() {
    unplug();
  }

  /** Ends the line. Has no effect the second time. */
  void unplug() {
    unplugged = true;
    try {
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
