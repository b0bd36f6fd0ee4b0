// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.Wipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes whole blocks into the standard input of one {@code rngd}. It opens the pipe by its path,
 * because {@link Process#getOutputStream()} would copy the entropy through the heap. When the
 * process ends, the feeder zeroes the bytes that it could not write.
 */
final class Feeder implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Feeder.class);

  /** As many blocks as a pipe of 64 KB accepts without blocking. */
  private static final int BLOCKS = 16;

  private final FileChannel pipe;
  private final FeedBuffer feed;
  private final int preamble;

  Feeder(long pid, FeedBuffer feed, int preamble) throws IOException {
    pipe =
        FileChannel.open(Path.of("/proc", String.valueOf(pid), "fd/0"), StandardOpenOption.WRITE);
    this.feed = feed;
    this.preamble = preamble;
  }

  @Override
  public void run() {
    ByteBuffer blocks = ByteBuffer.allocateDirect(preamble + BLOCKS * RngdFamily.BLOCK);
    try {
      for (int first = preamble; pipe.isOpen(); first = 0) {
        feed.take(blocks.clear(), first + RngdFamily.BLOCK, RngdFamily.BLOCK);
        while (blocks.hasRemaining()) {
          pipe.write(blocks);
        }
        Wipe.fill(blocks);
      }
    } catch (IOException | InterruptedException e) {
      log.atDebug().addKeyValue("reason", e.getMessage()).log("rngd's pipe is closed");
    } finally {
      Wipe.fill(blocks.clear());
    }
  }

  /**
   * Closes the pipe and interrupts a blocked write. {@code rngd} then reads the end of its source.
   */
  void close() throws IOException {
    pipe.close();
  }
}
