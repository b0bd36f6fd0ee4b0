package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Sample;
import io.netrng.server.healthtest.HealthTest;
import io.netrng.server.healthtest.HealthTests;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ScatteringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Off-heap memory that a device is read into: samples with space for the header of a frame before
 * each, so that nothing is copied between the device and the socket. Used by one thread.
 */
final class Slab {

  /** The most entropy in one slab that has more than one sample: all that a pipe holds; bytes. */
  static final int MAX_SIZE = 64 * 1024;

  /**
   * The most memory of a slab that has more than one sample, in bytes: what the allocator makes of
   * 64 KiB in samples of 2 KiB. Headers of small samples would take twice as much.
   */
  private static final int MAX_MEMORY = 80 * 1024;

  private final int sampleSize;
  private final int frameSize;
  private final int frames;
  private final ByteBuf memory;
  private final long pinned;
  private final ByteBuffer[] views;
  private int filled;

  /** Samples that are batches, and nothing to this slab any more. */
  private int given;

  Slab(int samples, int sampleSize) {
    this(samples, sampleSize, PooledByteBufAllocator.DEFAULT);
  }

  Slab(int samples, int sampleSize, ByteBufAllocator allocator) {
    this.sampleSize = sampleSize;
    frameSize = Sample.HEADER_SIZE + sampleSize;
    frames = samples;
    memory = allocator.directBuffer(frames * frameSize);
    pinned = SampleBatch.pinnedBy(memory);
    memory.writerIndex(frames * frameSize);
    views = new ByteBuffer[frames];
    ByteBuffer whole = memory.nioBuffer(0, frames * frameSize);
    for (int i = 0; i < frames; i++) {
      views[i] =
          whole
              .slice(i * frameSize + Sample.HEADER_SIZE, sampleSize)
              .order(ByteOrder.nativeOrder());
    }
  }

  /** How many samples the largest slab has. */
  static int mostSamples(int sampleSize) {
    int framesInMemory = MAX_MEMORY / (Sample.HEADER_SIZE + sampleSize);
    return Math.max(1, Math.min(MAX_SIZE / sampleSize, framesInMemory));
  }

  /** How many bytes of entropy the slab still wants. */
  int missing() {
    return frames * sampleSize - filled;
  }

  /** Samples that are whole and no batches yet. */
  int whole() {
    return filled / sampleSize - given;
  }

  /**
   * Reads once.
   *
   * @param limit the most to read, in bytes, at most what is missing
   * @return bytes read, −1 at the end of the channel
   */
  int readFrom(ScatteringByteChannel channel, int limit) throws IOException {
    int first = filled / sampleSize;
    int last = (filled + limit - 1) / sampleSize;
    views[last].limit(filled + limit - last * sampleSize);
    int read;
    try {
      read = (int) channel.read(views, first, last - first + 1);
    } finally {
      views[last].limit(sampleSize);
    }
    if (read > 0) {
      filled += read;
    }
    return read;
  }

  /**
   * Tests what was read last.
   *
   * @param bytes that the last read gave
   */
  void test(HealthTests tests, int bytes) throws HealthTestException {
    int next = filled - bytes;
    while (next < filled) {
      int from = next % sampleSize;
      int length = Math.min(sampleSize - from, filled - next);
      throwIfFailed(tests.test(views[next / sampleSize], from, length));
      next += length;
    }
    throwIfFailed(tests.endRead());
  }

  private static void throwIfFailed(@Nullable HealthTest test) throws HealthTestException {
    if (test != null) {
      throw new HealthTestException(test);
    }
  }

  /**
   * Makes a batch of the next whole samples. The last of them end the use of this slab.
   *
   * @param offset position of the first sample in the released stream
   * @param samples how many, at least one
   */
  SampleBatch toBatch(long offset, int samples) {
    int from = given * frameSize;
    for (int i = 0; i < samples; i++) {
      long place = offset + (long) i * sampleSize;
      Sample.writeHeader(memory, from + i * frameSize, place, sampleSize);
    }
    boolean isLast = samples == whole();
    given += samples;
    if (!isLast) {
      ByteBuf slice = memory.retainedSlice(from, samples * frameSize);
      return new SampleBatch(slice, offset, samples, sampleSize, pinned);
    }
    zeroPart();
    memory.readerIndex(from);
    return new SampleBatch(memory, offset, samples, sampleSize, pinned);
  }

  /** Moves the bytes behind the last whole sample to the beginning of an empty slab. */
  void movePartTo(Slab empty) {
    int length = filled % sampleSize;
    if (length > 0) {
      empty.views[0].put(part());
      empty.filled = length;
      zeroPart();
      filled -= length;
    }
  }

  /** Zeroes all that was read and is no batch, and gives the memory back. */
  void destroy() {
    int from = given * frameSize;
    MemorySegment.ofBuffer(memory.nioBuffer(from, frames * frameSize - from)).fill((byte) 0);
    memory.release();
  }

  private void zeroPart() {
    MemorySegment.ofBuffer(part()).fill((byte) 0);
  }

  /** What lies behind the last whole sample. */
  private ByteBuffer part() {
    int length = filled % sampleSize;
    int from = length == 0 ? 0 : filled / sampleSize * frameSize + Sample.HEADER_SIZE;
    return memory.nioBuffer(from, length);
  }
}
