// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static io.netrng.server.healthtest.ByteLanes.WORD_SIZE;
import static io.netrng.server.healthtest.HealthTests.WINDOW_SIZE;

import java.nio.ByteBuffer;

/** A guard: fails if a bit position does not change within a window. */
final class StuckBit {

  private static final int ALL = 0xff;

  private final boolean applies;

  StuckBit(boolean applies) {
    this.applies = applies;
  }

  /** Tests a window that begins at this index of the buffer. */
  boolean passes(ByteBuffer bytes, int from) {
    long first = ByteLanes.repeated(bytes.get(from));
    long changed = 0;
    for (int i = 0; i < WINDOW_SIZE; i += WORD_SIZE) {
      changed |= bytes.getLong(from + i) ^ first;
    }
    return !applies || ByteLanes.anyByte(changed) == ALL;
  }
}
