// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import java.nio.ByteBuffer;

/** Overwrites entropy after its use. */
public final class Wipe {

  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(16 * 1024);

  private Wipe() {}

  /** Fills a buffer from its first byte to its limit, and does not change its position. */
  public static void fill(ByteBuffer buffer) {
    for (int at = 0; at < buffer.limit(); at += ZEROS.capacity()) {
      buffer.put(at, ZEROS, 0, Math.min(ZEROS.capacity(), buffer.limit() - at));
    }
  }
}
