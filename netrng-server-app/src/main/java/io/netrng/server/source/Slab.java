package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Sample;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ScatteringByteChannel;

/**
 * Off-heap memory that a device is read into: samples with room for the header of a frame before
 * each, so that nothing is copied between the device and the socket. Used by one thread.
 */
final class Slab {

  /** The most entropy in one slab that has more than one sample, in bytes. */
  static final int MAX_SIZE = 64 * 1024;

  private final int sampleSize;
  private final int frameSize;
  private final int frames;
  private final ByteBuf memory;
  private final ByteBuffer[] views;
  private int filled;

  Slab(int samples, int sampleSize) {
    this.sampleSize = sampleSize;
    frameSize = Sample.HEADER_SIZE + sampleSize;
    frames = samples;
    memory = PooledByteBufAllocator.DEFAULT.directBuffer(frames * frameSize, frames * frameSize);
    memory.writerIndex(frames * frameSize);
    views = new ByteBuffer[frames];
    ByteBuffer whole = memory.nioBuffer(0, frames * frameSize);
    for (int i = 0; i < frames; i++) {
      views[i] = whole.slice(i * frameSize + Sample.HEADER_SIZE, sampleSize);
    }
  }

  /** How many bytes of entropy the slab still wants. */
  int missing() {
    return frames * sampleSize - filled;
  }

  /** Samples that are whole. */
  int whole() {
    return filled / sampleSize;
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
   * Makes a run of the whole samples and ends the use of this slab.
   *
   * @param offset position of the first sample in the released stream
   */
  Run toRun(long offset) {
    int samples = whole();
    for (int i = 0; i < samples; i++) {
      Sample.writeHeader(memory, i * frameSize, offset + (long) i * sampleSize, sampleSize);
    }
    zeroPart();
    return new Run(memory, offset, samples, sampleSize);
  }

  /** Moves the bytes behind the last whole sample to the beginning of an empty slab. */
  void movePartTo(Slab empty) {
    int length = filled % sampleSize;
    int from = whole() * frameSize + Sample.HEADER_SIZE;
    if (length > 0) {
      empty.views[0].put(memory.nioBuffer(from, length));
      empty.filled = length;
      zeroPart();
      filled -= length;
    }
  }

  /** Zeroes all that was read and gives the memory back. */
  void destroy() {
    MemorySegment.ofBuffer(memory.nioBuffer(0, frames * frameSize)).fill((byte) 0);
    memory.release();
  }

  private void zeroPart() {
    int length = filled % sampleSize;
    if (length > 0) {
      ByteBuffer part = memory.nioBuffer(whole() * frameSize + Sample.HEADER_SIZE, length);
      MemorySegment.ofBuffer(part).fill((byte) 0);
    }
  }
}
