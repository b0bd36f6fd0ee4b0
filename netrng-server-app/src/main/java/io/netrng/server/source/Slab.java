// SPDX-License-Identifier: Apache-2.0
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
 * Off-heap memory for the bytes of a device: samples with space for the header of a frame before
 * each. No byte is therefore copied between the device and the socket. Used by one thread, until it
 * becomes a batch or is destroyed.
 */
final class Slab {

  /** The maximum entropy in a slab of more than one sample, in bytes; the capacity of a pipe. */
  static final int MAX_SIZE = 64 * 1024;

  /**
   * The maximum memory of a slab of more than one sample, in bytes: the allocator's size for 64 KB
   * in samples of 2 KB. Headers of small samples would need twice as much.
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

  /** The number of samples in the largest slab. */
  static int mostSamples(int sampleSize) {
    int framesInMemory = MAX_MEMORY / SampleBatch.frameSize(sampleSize);
    return Math.max(1, Math.min(MAX_SIZE / sampleSize, framesInMemory));
  }

  /** The number of bytes of entropy in the slab. */
  int filled() {
    return filled;
  }

  /** The number of bytes of entropy that still fit into the slab. */
  int missing() {
    return samples.length * sampleSize - filled;
  }

  /** The number of whole samples. */
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
   * @param limit the maximum to read, in bytes, at most {@link #missing}
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

  /** Copies the next bytes of a buffer outside the heap, as far as they fit. */
  void put(ByteBuffer bytes) {
    while (bytes.hasRemaining() && missing() > 0) {
      ByteBuffer sample = samples[whole()];
      int length = Math.min(bytes.remaining(), sample.remaining());
      sample.put(bytes.slice(bytes.position(), length));
      bytes.position(bytes.position() + length);
      filled += length;
    }
  }

  /** Copies the bytes after the last whole sample to the beginning of an empty slab. */
  void copyPartTo(Slab empty) {
    if (part() > 0) {
      empty.samples[0].put(samples[whole()].flip());
      empty.filled = part();
    }
  }

  /**
   * Makes a batch of the whole samples, at least one, and zeroes the bytes after them. The slab
   * must not be used afterwards.
   */
  SampleBatch toBatch() {
    if (part() > 0) {
      SampleBatch.zero(
          memory, whole() * SampleBatch.frameSize(sampleSize) + Sample.HEADER_SIZE, part());
    }
    return new SampleBatch(memory, whole(), sampleSize);
  }

  /** Zeroes all bytes that were read, and frees the memory. */
  void destroy() {
    SampleBatch.zero(memory, 0, memory.writerIndex());
    memory.release();
  }

  /** The number of bytes after the last whole sample. */
  private int part() {
    return filled % sampleSize;
  }
}
