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

/** Looks for pieces of known bytes in files and in the memory of processes. */
final class Needles {

  private static final int CHUNK = 1 << 20;
  private static final int FILTER_BITS = 22;

  private final Set<Long> pieces = new HashSet<>();

  /** Most places are no hit: they are to cost no search in a set. */
  private final BitSet filter = new BitSet(1 << FILTER_BITS);

  /** Makes needles of all pieces of eight bytes. */
  Needles(byte[] known) {
    ByteBuffer bytes = ByteBuffer.wrap(known);
    for (int i = 0; i + Long.BYTES <= known.length; i += Long.BYTES) {
      pieces.add(bytes.getLong(i));
      filter.set(bit(bytes.getLong(i)));
    }
  }

  private static int bit(long piece) {
    return (int) (piece >>> (Long.SIZE - FILTER_BITS));
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
          String[] range = fields[0].split("-", 2);
          hits +=
              count(
                  memory,
                  Long.parseUnsignedLong(range[0], 16),
                  Long.parseUnsignedLong(range[1], 16));
        }
      }
    }
    return hits;
  }

  private long count(FileChannel channel, long from, long to) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    long hits = 0;
    // Each chunk begins with the last bytes of the one before, too few for a piece of their own.
    for (long at = from; at < to; at += CHUNK - Long.BYTES + 1) {
      chunk.clear().limit((int) Math.min(CHUNK, to - at));
      readFully(channel, chunk, at);
      for (int i = 0; i + Long.BYTES <= chunk.position(); i++) {
        long piece = chunk.getLong(i);
        if (filter.get(bit(piece)) && pieces.contains(piece)) {
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
