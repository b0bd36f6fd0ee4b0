// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * Searches files and the memory of processes for parts of known bytes. A part has two words of
 * eight bytes. Single words can remain in registers or in unused stack slots after a health test,
 * and Java cannot erase them.
 */
final class MemoryScanner {

  private static final int CHUNK = 1 << 20;
  private static final int FILTER_BITS = 22;
  private static final int PIECE = 2 * Long.BYTES;

  private final Set<Long> words = new HashSet<>();

  /** Excludes most words without a lookup in the set. */
  private final BitSet filter = new BitSet(1 << FILTER_BITS);

  /** Searches for all pairs of consecutive words. */
  MemoryScanner(byte[] known) {
    ByteBuffer bytes = ByteBuffer.wrap(known);
    for (int i = 0; i + Long.BYTES <= known.length; i += Long.BYTES) {
      words.add(bytes.getLong(i));
      filter.set(bit(bytes.getLong(i)));
    }
  }

  private static int bit(long word) {
    return (int) (word >>> (Long.SIZE - FILTER_BITS));
  }

  private boolean isKnown(long word) {
    return filter.get(bit(word)) && words.contains(word);
  }

  /** Returns the number of parts in a file, at any offset. */
  long in(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return count(channel, 0, channel.size());
    }
  }

  /** Returns the number of parts in the writable mappings of a process. */
  long inMemoryOf(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    long hits = 0;
    try (FileChannel memory = FileChannel.open(process.resolve("mem"), StandardOpenOption.READ)) {
      for (String line : Files.readAllLines(process.resolve("maps"))) {
        String[] fields = line.split(" +", 6);
        if (fields[1].startsWith("rw")) {
          hits += countIfMapped(memory, fields[0], process.resolve("maps"));
        }
      }
    }
    return hits;
  }

  /**
   * A running process can unmap a region before this method reads it. Such a region contains no
   * parts.
   */
  private long countIfMapped(FileChannel memory, String region, Path maps) throws IOException {
    String[] range = region.split("-", 2);
    try {
      return count(
          memory, Long.parseUnsignedLong(range[0], 16), Long.parseUnsignedLong(range[1], 16));
    } catch (IOException e) {
      if (Files.readAllLines(maps).stream().anyMatch(line -> line.startsWith(region + " rw"))) {
        throw e;
      }
      return 0;
    }
  }

  private long count(FileChannel channel, long from, long to) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    long hits = 0;
    // Each chunk begins with the last bytes of the previous one, one byte fewer than a part.
    for (long at = from; at < to; at += CHUNK - PIECE + 1) {
      chunk.clear().limit((int) Math.min(CHUNK, to - at));
      readFully(channel, chunk, at);
      for (int i = 0; i + PIECE <= chunk.position(); i++) {
        if (isKnown(chunk.getLong(i)) && isKnown(chunk.getLong(i + Long.BYTES))) {
          hits++;
        }
      }
    }
    return hits;
  }

  private static void readFully(FileChannel channel, ByteBuffer chunk, long at) throws IOException {
    while (chunk.hasRemaining() && channel.read(chunk, at + chunk.position()) > 0) {
      // the rest of the region
    }
  }
}
