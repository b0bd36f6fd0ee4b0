package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Sample;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ScatteringByteChannel;

/**
 * Off-heap memory that a device is read into: samples with space for the header of a frame before
 * each, so that nothing is copied between the device and the socket. Used by one thread, until it
 * becomes a batch or is destroyed.
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
  private final ByteBuf memory;
  private final ByteBuffer[] samples;
  private int filled;

  Slab(int samples, int sampleSize) {
    this(samples, sampleSize, PooledByteBufAllocator.DEFAULT);
  }

  Slab(int samples, int sampleSize, ByteBufAllocator allocator) {
    this.sampleSize = sampleSize;
    int frameSize = SampleBatch.frameSize(sampleSize);
    int size = samples * frameSize;
    memory = allocator.directBuffer(size).writerIndex(size);
    this.samples = new ByteBuffer[samples];
    ByteBuffer whole = memory.nioBuffer();
    for (int i = 0; i < samples; i++) {
      this.samples[i] =
          whole
              .slice(i * frameSize + Sample.HEADER_SIZE, sampleSize)
              .order(ByteOrder.nativeOrder());
    }
  }

  /** How many samples the largest slab has. */
  static int mostSamples(int sampleSize) {
    int framesInMemory = MAX_MEMORY / SampleBatch.frameSize(sampleSize);
    return Math.max(1, Math.min(MAX_SIZE / sampleSize, framesInMemory));
  }

  /** How many bytes of entropy were read into the slab. */
  int filled() {
    return filled;
  }

  /** How many bytes of entropy fit into the slab behind those. */
  int missing() {
    return samples.length * sampleSize - filled;
  }

  /** How many samples are whole. */
  int whole() {
    return filled / sampleSize;
  }

  /**
   * The memory of one sample in the machine's byte order; position and limit have no meaning.
   *
   * @param index from 0
   */
  ByteBuffer sample(int index) {
    return samples[index];
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
    samples[last].limit(filled + limit - last * sampleSize);
    int read;
    try {
      read = (int) channel.read(samples, first, last - first + 1);
    } finally {
      samples[last].limit(sampleSize);
    }
    if (read > 0) {
      filled += read;
    }
    return read;
  }

  /** Copies the bytes behind the last whole sample to the beginning of an empty slab. */
  void copyPartTo(Slab empty) {
    if (part() > 0) {
      empty.samples[0].put(samples[whole()].flip());
      empty.filled = part();
    }
  }

  /**
   * Makes a batch of the whole samples, of which there is at least one, and zeroes what is behind
   * them. The slab must not be used after that.
   */
  SampleBatch toBatch() {
    if (part() > 0) {
      SampleBatch.zero(
          memory, whole() * SampleBatch.frameSize(sampleSize) + Sample.HEADER_SIZE, part());
    }
    return new SampleBatch(memory, whole(), sampleSize);
  }

  /** Zeroes all that was read, and gives the memory back. */
  void destroy() {
    SampleBatch.zero(memory, 0, memory.writerIndex());
    memory.release();
  }

  /** How many bytes are behind the last whole sample. */
  private int part() {
    return filled % sampleSize;
  }
}
