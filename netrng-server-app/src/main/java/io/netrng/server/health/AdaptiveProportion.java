package io.netrng.server.health;

import static io.netrng.server.health.HealthTests.WINDOW_SIZE;
import static io.netrng.server.health.Words.WORD_SIZE;

import java.nio.ByteBuffer;

/**
 * The adaptive proportion test (SP 800-90B 4.4.2): the first byte of a window does not come too
 * often in it.
 */
final class AdaptiveProportion {

  private final int cutoff;

  AdaptiveProportion(int cutoff) {
    this.cutoff = cutoff;
  }

  /** Tests a window, which begins at an index of the buffer. */
  boolean passes(ByteBuffer bytes, int from) {
    long first = Words.repeated(bytes.get(from));
    int count = 0;
    for (int i = 0; i < WINDOW_SIZE; i += WORD_SIZE) {
      count += Words.zeroBytes(bytes.getLong(from + i) ^ first);
    }
    return count < cutoff;
  }
}
