// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import io.netrng.posix.KernelGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;

/**
 * Makes the kernel's generator differ from that of other clones, as far as this machine can. It
 * mixes in what differs, without credit: clocks, and the generation of the machine.
 */
final class CloneMix {

  /** Readings of the clock, whose intervals vary by some nanoseconds. */
  private static final int READINGS = 64;

  private CloneMix() {}

  /**
   * Mixes into the generator and reseeds it.
   *
   * @param counters those of the signals, such as the generation of this machine
   * @throws IOException if the kernel refuses either, such as a reseed without CAP_SYS_ADMIN
   */
  static void apply(Collection<Long> counters) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(Long.BYTES * (READINGS + 2 + counters.size()));
    Instant now = Instant.now();
    bytes.putLong(now.getEpochSecond()).putLong(now.getNano());
    counters.forEach(bytes::putLong);
    while (bytes.hasRemaining()) {
      bytes.putLong(System.nanoTime());
    }
    try (KernelGenerator generator = KernelGenerator.open()) {
      generator.mix(bytes.flip());
      generator.reseed();
    }
  }
}
