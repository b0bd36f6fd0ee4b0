package io.netrng.server.healthtest;

import static io.netrng.server.healthtest.ByteLanes.WORD_SIZE;
import static io.netrng.server.healthtest.HealthTests.WINDOW_SIZE;

import java.nio.ByteBuffer;

/** A guard: each bit position changes within a window. */
final class StuckBit {

  private static final int ALL = 0xff;

  private final boolean applies;

  StuckBit(boolean applies) {
    this.applies = applies;
  }

  /** Tests a window, which begins at an index of the buffer. */
  boolean passes(ByteBuffer bytes, int from) {
    long first = ByteLanes.repeated(bytes.get(from));
    long changed = 0;
    for (int i = 0; i < WINDOW_SIZE; i += WORD_SIZE) {
      changed |= bytes.getLong(from + i) ^ first;
    }
    return !applies || ByteLanes.anyByte(changed) == ALL;
  }
}
