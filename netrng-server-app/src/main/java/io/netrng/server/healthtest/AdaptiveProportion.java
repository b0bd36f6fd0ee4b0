// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static io.netrng.server.healthtest.ByteLanes.WORD_SIZE;
import static io.netrng.server.healthtest.HealthTests.WINDOW_SIZE;

import java.nio.ByteBuffer;

/**
 * The adaptive proportion test (SP 800-90B 4.4.2): fails if the first byte of a window occurs too
 * often in it.
 */
final class AdaptiveProportion {

  private final int cutoff;

  AdaptiveProportion(int cutoff) {
    this.cutoff = cutoff;
  }

  /** Tests a window that begins at this index of the buffer. */
  boolean passes(ByteBuffer bytes, int from) {
    long first = ByteLanes.repeated(bytes.get(from));
    int count = 0;
    for (int i = 0; i < WINDOW_SIZE; i += WORD_SIZE) {
      count += ByteLanes.zeroBytes(bytes.getLong(from + i) ^ first);
    }
    return count < cutoff;
  }
}
