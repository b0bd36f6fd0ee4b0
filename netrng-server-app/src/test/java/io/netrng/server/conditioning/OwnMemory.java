// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.conditioning;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Searches the memory of this process for sixteen bytes. It remembers them with a mask, so that it
 * does not find itself.
 */
public final class OwnMemory {

  private static final int CHUNK = 1 << 20;
  private static final long MASK = 0x5bd1_e995_9e37_79b9L;
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

  private final long first;
  private final long second;

  /** Searches for the bytes at an index of this memory, which the caller then zeroes. */
  public OwnMemory(MemorySegment bytes, long at) {
    first = bytes.get(WORD, at) ^ MASK;
    second = bytes.get(WORD, at + Long.BYTES) ^ MASK;
  }

  /** Returns how often the writable anonymous memory contains the bytes. */
  public int hits() throws IOException {
    int hits = 0;
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.nativeOrder());
    try (FileChannel memory =
        FileChannel.open(Path.of("/proc/self/mem"), StandardOpenOption.READ)) {
      for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
        String[] fields = line.split(" +", 6);
        if (fields[1].startsWith("rw") && !fields[5].startsWith("/")) {
          String[] range = fields[0].split("-", 2);
          hits += hits(memory, chunk, Long.parseLong(range[0], 16), Long.parseLong(range[1], 16));
        }
      }
    }
    return hits;
  }

  private int hits(FileChannel memory, ByteBuffer chunk, long from, long to) {
    int hits = 0;
    for (long at = from; at < to; at += CHUNK - 2 * Long.BYTES) {
      // Otherwise the search would find its own copies when it reads this chunk.
      MemorySegment.ofBuffer(chunk.clear()).fill((byte) 0);
      try {
        memory.read(chunk.limit((int) Math.min(CHUNK, to - at)), at);
      } catch (IOException e) {
        // Was unmapped, or is reserved only.
        return hits;
      }
      for (int i = 0; i + 2 * Long.BYTES <= chunk.position(); i++) {
        if ((chunk.getLong(i) ^ MASK) == first
            && (chunk.getLong(i + Long.BYTES) ^ MASK) == second) {
          hits++;
        }
      }
    }
    return hits;
  }
}
