package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Sample;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;

/**
 * Consecutive samples of the released stream in one piece of off-heap memory, each already behind
 * the header of its frame, so that the whole batch is one write. The holder of a batch owns it: it
 * is handed on, split, or released, and it is zeroed when it is released.
 */
public final class SampleBatch {

  /** What the objects of one batch take of the heap until it is written, in bytes, rounded up. */
  private static final int OVERHEAD = 512;

  /** The allocator rounds sizes up by a fourth at the most. */
  private static final double LARGEST_ROUNDING = 1.25;

  /** A batch that needs less than this part of the memory that it shares gets memory of its own. */
  private static final int LEAST_PART = 2;

  private final ByteBuf frames;
  private final long offset;
  private final int samples;
  private final int sampleSize;
  private final long pinned;

  /**
   * Takes over one reference to the buffer, from whose reader index on the frames stand.
   *
   * @param pinned what the buffer keeps from being used for anything else, in bytes
   */
  SampleBatch(ByteBuf frames, long offset, int samples, int sampleSize, long pinned) {
    this.frames = frames;
    this.offset = offset;
    this.samples = samples;
    this.sampleSize = sampleSize;
    this.pinned = pinned;
  }

  /**
   * How many samples fit into so much memory as one batch.
   *
   * @param memory bytes, as {@link #memory()} counts them
   */
  public static long samplesIn(long memory, int sampleSize) {
    return (long) ((memory - OVERHEAD) / LARGEST_ROUNDING) / (Sample.HEADER_SIZE + sampleSize);
  }

  /** What a buffer that was just allocated takes of its pool, in bytes. */
  static long pinnedBy(ByteBuf empty) {
    return empty.maxFastWritableBytes();
  }

  /** Position of the first sample in the released stream, in bytes. */
  public long offset() {
    return offset;
  }

  /** How many samples there are, at least one. */
  public int samples() {
    return samples;
  }

  /** Bytes of entropy, headers not counted. */
  public int size() {
    return samples * sampleSize;
  }

  /**
   * The memory that nobody else can use until the batch is released, in bytes: all of the buffer
   * that it is a part of, and its objects on the heap.
   */
  public long memory() {
    return pinned + OVERHEAD;
  }

  /**
   * The frames for a writer, which gets a reference of its own to release; the batch itself is
   * still to be released once they are written.
   */
  public ByteBuf frames() {
    return frames.retainedSlice(frames.readerIndex(), length(samples));
  }

  /**
   * The entropy of one sample for a reader who wants no frames and gets a reference of their own to
   * release; the batch itself is still to be released then.
   *
   * @param sample its place in the batch, from 0
   */
  public ByteBuf entropy(int sample) {
    int from = frames.readerIndex() + length(sample) + Sample.HEADER_SIZE;
    return frames.retainedSlice(from, sampleSize);
  }

  /** The first samples of this batch as a batch of its own; both share the memory. */
  SampleBatch head(int count) {
    ByteBuf slice = frames.retainedSlice(frames.readerIndex(), length(count));
    return new SampleBatch(slice, offset, count, sampleSize, pinned);
  }

  /** What {@link #head} leaves of this batch, which is not to be used any more. */
  SampleBatch tail(int count) {
    frames.skipBytes(length(count));
    return new SampleBatch(
        frames, offset + (long) count * sampleSize, samples - count, sampleSize, pinned);
  }

  /**
   * Moves the samples into memory of their own where they are a small part of what they pin: a
   * client that does not read would keep all of it from the others. This batch must not be used
   * after that.
   *
   * @param maxMemory bytes that the batch may hold, if they are enough for it
   * @return this batch, or the one that it was moved to
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
      // Nothing is lost: the batch stays where it is.
      return this;
    }
    long ownPinned = pinnedBy(own);
    own.writeBytes(frames, frames.readerIndex(), length);
    release();
    return new SampleBatch(own, offset, samples, sampleSize, ownPinned);
  }

  /** Zeroes the samples and gives the memory back. */
  public void release() {
    int length = length(samples);
    MemorySegment.ofBuffer(frames.nioBuffer(frames.readerIndex(), length)).fill((byte) 0);
    frames.release();
  }

  private int length(int count) {
    return count * (Sample.HEADER_SIZE + sampleSize);
  }

  /** The place in the stream, without a byte of it: entropy is never printed. */
  @Override
  public String toString() {
    return "SampleBatch[offset=" + offset + ", samples=" + samples + ", size=" + size() + "]";
  }
}
