// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Sample;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Deque;

/**
 * Consecutive samples in one block of off-heap memory, each after the header of its frame, so that
 * the whole batch is one write. In quarantine a batch has no place in the released stream yet. The
 * holder of a batch owns it and passes it on, splits it or releases it. Releasing a batch zeroes
 * it.
 */
public final class SampleBatch {

  /** The heap memory of one batch's objects until it is written, in bytes, rounded up. */
  private static final int OVERHEAD = 512;

  /** The allocator rounds sizes up by at most a fourth. */
  private static final double LARGEST_ROUNDING = 1.25;

  /** A batch that uses less than 1/2 of the memory it shares is moved to memory of its own. */
  private static final int LEAST_PART = 2;

  private final ByteBuf frames;
  private final long offset;
  private final int samples;
  private final int sampleSize;
  private final long pinned;

  /**
   * Takes over the only reference to a buffer that contains the samples from its beginning on.
   *
   * @param samples the number of samples, at least one
   */
  SampleBatch(ByteBuf frames, int samples, int sampleSize) {
    this(frames, 0, samples, sampleSize, pinnedBy(frames));
  }

  /**
   * Takes over one reference to the buffer; the frames start at its reader index.
   *
   * @param pinned the memory that the buffer keeps occupied, in bytes
   */
  private SampleBatch(ByteBuf frames, long offset, int samples, int sampleSize, long pinned) {
    this.frames = frames;
    this.offset = offset;
    this.samples = samples;
    this.sampleSize = sampleSize;
    this.pinned = pinned;
  }

  /**
   * The number of samples that fit into this memory as one batch.
   *
   * @param memory bytes, as {@link #memory()} counts them
   */
  public static long samplesIn(long memory, int sampleSize) {
    return (long) ((memory - OVERHEAD) / LARGEST_ROUNDING) / frameSize(sampleSize);
  }

  /** The size of a sample with the header of its frame, in bytes. */
  static int frameSize(int sampleSize) {
    return Sample.HEADER_SIZE + sampleSize;
  }

  /** The memory that an unshared buffer occupies in its pool, in bytes. */
  private static long pinnedBy(ByteBuf whole) {
    return whole.writerIndex() + (long) whole.maxFastWritableBytes();
  }

  /** Zeroes a part of off-heap memory. */
  static void zero(ByteBuf memory, int from, int length) {
    zero(memory.nioBuffer(from, length));
  }

  /** Zeroes off-heap memory from the position of the buffer to its limit. */
  public static void zero(ByteBuffer memory) {
    MemorySegment.ofBuffer(memory).fill((byte) 0);
  }

  /**
   * Position of the first sample in the released stream, in bytes; meaningless before the release.
   */
  public long offset() {
    return offset;
  }

  /** The number of samples, at least one. */
  public int samples() {
    return samples;
  }

  /** Bytes of entropy, headers not counted. */
  public int size() {
    return samples * sampleSize;
  }

  /**
   * The memory that the batch occupies until it is released, in bytes: the whole buffer that it is
   * a part of, and its objects on the heap.
   */
  public long memory() {
    return pinned + OVERHEAD;
  }

  /**
   * The frames, for a writer. The writer receives and releases a reference of its own; the owner
   * must still release the batch after the write.
   */
  public ByteBuf frames() {
    return frames.retainedSlice(frames.readerIndex(), length(samples));
  }

  /**
   * The entropy of one sample, for a reader that needs no frames. The reader receives and releases
   * a reference of its own; the owner must still release the batch.
   *
   * @param sample its place in the batch, from 0
   */
  public ByteBuf entropy(int sample) {
    int from = frames.readerIndex() + length(sample) + Sample.HEADER_SIZE;
    return frames.retainedSlice(from, sampleSize);
  }

  /**
   * Moves the samples together, over the headers of their frames. The frames must not be used
   * afterwards. The reader receives and releases a reference of its own; the owner must still
   * release the batch.
   *
   * @return the entropy of all samples
   */
  public ByteBuf pack() {
    int begin = frames.readerIndex();
    MemorySegment memory = MemorySegment.ofBuffer(frames.nioBuffer(begin, length(samples)));
    for (int i = 0; i < samples; i++) {
      long from = (long) length(i) + Sample.HEADER_SIZE;
      MemorySegment.copy(memory, from, memory, (long) i * sampleSize, sampleSize);
    }
    return frames.retainedSlice(begin, size());
  }

  /**
   * Assigns the samples their places in the released stream. This batch must not be used
   * afterwards.
   *
   * @param newOffset position of the first sample, in bytes
   */
  SampleBatch placeAt(long newOffset) {
    for (int i = 0; i < samples; i++) {
      long place = newOffset + (long) i * sampleSize;
      Sample.writeHeader(frames, frames.readerIndex() + length(i), place, sampleSize);
    }
    return new SampleBatch(frames, newOffset, samples, sampleSize, pinned);
  }

  /** Removes the first batch of a queue, or its first samples up to the maximum, at least one. */
  static SampleBatch take(Deque<SampleBatch> queue, long mostSamples) {
    SampleBatch first = queue.remove();
    if (first.samples <= mostSamples) {
      return first;
    }
    SampleBatch head = first.head((int) mostSamples);
    queue.addFirst(first.tail((int) mostSamples));
    return head;
  }

  /** Returns the first samples of this batch as a batch of its own; both share the memory. */
  SampleBatch head(int count) {
    ByteBuf slice = frames.retainedSlice(frames.readerIndex(), length(count));
    return new SampleBatch(slice, offset, count, sampleSize, pinned);
  }

  /** Returns the samples after {@link #head}; this batch must not be used afterwards. */
  SampleBatch tail(int count) {
    frames.skipBytes(length(count));
    return new SampleBatch(
        frames, offset + (long) count * sampleSize, samples - count, sampleSize, pinned);
  }

  /**
   * Moves the samples into memory of their own if they are a small part of the memory they pin.
   * Otherwise a client that does not read would keep all of that memory occupied. This batch must
   * not be used afterwards.
   *
   * @param maxMemory bytes that the batch may occupy, if they are enough for it
   * @return this batch, or the one with the moved samples
   */
  SampleBatch compact(long maxMemory) {
    int length = length(samples);
    boolean nothingToGain = LARGEST_ROUNDING * length >= pinned;
    boolean large = (long) LEAST_PART * length >= pinned;
    if (nothingToGain || (large && memory() <= maxMemory)) {
      return this;
    }
    ByteBuf own;
    try {
      own = frames.alloc().directBuffer(length);
    } catch (OutOfMemoryError e) {
      // Without memory for the copy the batch stays in place.
      return this;
    }
    own.writeBytes(frames, frames.readerIndex(), length);
    release();
    return new SampleBatch(own, offset, samples, sampleSize, pinnedBy(own));
  }

  /** Zeroes the samples and frees the memory. */
  public void release() {
    zero(frames, frames.readerIndex(), length(samples));
    frames.release();
  }

  private int length(int count) {
    return count * frameSize(sampleSize);
  }

  /** The place in the stream, without a byte of entropy: entropy is never printed. */
  @Override
  public String toString() {
    return "SampleBatch[offset=" + offset + ", samples=" + samples + ", size=" + size() + "]";
  }
}
