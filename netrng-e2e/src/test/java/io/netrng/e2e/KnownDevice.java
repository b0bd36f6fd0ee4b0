// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A device, in truth a FIFO, that delivers known bytes once and then blocks its reader. */
final class KnownDevice implements AutoCloseable {

  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * Makes the FIFO. The first reader gets the bytes.
   *
   * @param parts of the bytes, in this order
   */
  KnownDevice(Path fifo, byte[]... parts) throws Exception {
    Machine.run(List.of("mkfifo", fifo.toString()));
    Thread.ofPlatform().daemon().name("known-device").start(() -> write(fifo, parts));
  }

  private void write(Path fifo, byte[]... parts) {
    try (OutputStream out = Files.newOutputStream(fifo)) {
      for (byte[] part : parts) {
        out.write(part);
      }
      // If the FIFO were closed now, the server would not read the last samples.
      closed.await();
    } catch (IOException e) {
      // The server ended before it had read all bytes. Tests that need them wait for them.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
