package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Sample;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.util.Deque;

/**
 * Consecutive samples in one piece of off-heap memory, each behind the header of its frame, so that
 * the whole batch is one write. In quarantine a batch has no place in the released stream yet. The
 * holder of a batch owns it: it is handed on, split, or released, and it is zeroed when it is
 * released.
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
   * Takes over the only reference to a buffer that holds the samples from its beginning on.
   *
   * @param samples how many, at least one
   */
  SampleBatch(ByteBuf frames, int samples, int sampleSize) {
    this(frames, 0, samples, sampleSize, pinnedBy(frames));
  }

  /**
   * Takes over one reference to the buffer, from whose reader index on the frames stand.
   *
   * @param pinned what the buffer keeps from being used for anything else, in bytes
   */
  private SampleBatch(ByteBuf frames, long offset, int samples, int sampleSize, long pinned) {
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
    return (long) ((memory - OVERHEAD) / LARGEST_ROUNDING) / frameSize(sampleSize);
  }

  /** What a sample takes with the header of its frame, in bytes. */
  static int frameSize(int sampleSize) {
    return Sample.HEADER_SIZE + sampleSize;
  }

  /** What a buffer that is no part of another takes of its pool, in bytes. */
  private static long pinnedBy(ByteBuf whole) {
    return whole.writerIndex() + (long) whole.maxFastWritableBytes();
  }

  /** Zeroes a part of off-heap memory. */
  static void zero(ByteBuf memory, int from, int length) {
    MemorySegment.ofBuffer(memory.nioBuffer(from, length)).fill((byte) 0);
  }

  /** Position of the first sample in the released stream, in bytes; without a meaning before. */
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

  /**
   * Gives the samples their places in the released stream. This batch must not be used after that.
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

  /** Removes the first batch of a queue, or so many samples of it, at least one. */
  static SampleBatch take(Deque<SampleBatch> queue, long mostSamples) {
    SampleBatch first = queue.remove();
    if (first.samples <= mostSamples) {
      return first;
    }
    SampleBatch head = first.head((int) mostSamples);
    queue.addFirst(first.tail((int) mostSamples));
    return head;
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
    own.writeBytes(frames, frames.readerIndex(), length);
    release();
    return new SampleBatch(own, offset, samples, sampleSize, pinnedBy(own));
  }

  /** Zeroes the samples and gives the memory back. */
  public void release() {
    zero(frames, frames.readerIndex(), length(samples));
    frames.release();
  }

  private int length(int count) {
    return count * frameSize(sampleSize);
  }

  /** The place in the stream, without a byte of it: entropy is never printed. */
  @Override
  public String toString() {
    return "SampleBatch[offset=" + offset + ", samples=" + samples + ", size=" + size() + "]";
  }
}
