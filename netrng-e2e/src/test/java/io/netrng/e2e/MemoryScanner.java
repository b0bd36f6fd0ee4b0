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
 * Looks for pieces of known bytes in files and in the memory of processes. A piece is two words of
 * eight bytes: one alone may be left in a register or a dead slot of a stack by a test that looked
 * at it, and no Java program can help that.
 */
final class MemoryScanner {

  private static final int CHUNK = 1 << 20;
  private static final int FILTER_BITS = 22;
  private static final int PIECE = 2 * Long.BYTES;

  private final Set<Long> words = new HashSet<>();

  /** Most places are no hit: they are to cost no search in a set. */
  private final BitSet filter = new BitSet(1 << FILTER_BITS);

  /** Makes needles of all words and those behind them. */
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

  /** How many pieces are in a file, wherever they begin. */
  long in(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return count(channel, 0, channel.size());
    }
  }

  /** How many pieces are in what a process has mapped and may write to. */
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

  /** A process that runs may give a region back before it is read: nothing is in it then. */
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
    // Each chunk begins with the last bytes of the one before, too few for a piece of their own.
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
      // the rest
    }
  }
}
