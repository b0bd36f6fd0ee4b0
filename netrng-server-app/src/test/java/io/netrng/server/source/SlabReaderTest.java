// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.source.FaultySource.Fault;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SlabReaderTest {

  /** The size of a write into a pipe, in bytes. */
  private static final int WRITE = 4 * 1_024;

  private static final int SAVED_UP = 16 * WRITE;
  private static final int ALL = 200 * WRITE;

  /** A full pipe. After its stored bytes, each read waits for the writer. */
  private static final class SlowPipe implements Fault {

    private int given;

    @Override
    public int sizeOf(int asked) {
      if (given >= SAVED_UP) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(25));
      }
      given += WRITE;
      return WRITE;
    }
  }

  @Test
  void emptyPipeDiscardsOnlyTheStoredBytesOfAPipe() throws IOException {
    // given
    SampleBuffer stream = new SampleBuffer(1_024);
    FaultySource pipe = new FaultySource(1, new SlowPipe(), 0, ALL, ALL, 256);
    SlabReader reader =
        new SlabReader(
            pipe,
            stream,
            Sources.quarantine(stream),
            new DeviceMeter(stream, 1, 1, System::nanoTime),
            _ -> {});

    // when
    reader.emptyPipe();

    // then
    assertThat(pipe.given()).isBetween(WRITE, SAVED_UP + WRITE);
  }
}
