package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Sample;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;

/**
 * Consecutive samples of the released stream in one piece of off-heap memory, each already behind
 * the header of its frame, so that the whole run is one write. Whoever holds a run owns it: it is
 * handed on, split, or released, and it is zeroed when it is released.
 */
public final class Run {

  private final ByteBuf frames;
  private final long offset;
  private final int samples;
  private final int sampleSize;

  /** Takes over one reference to the buffer, from whose reader index on the frames stand. */
  Run(ByteBuf frames, long offset, int samples, int sampleSize) {
    this.frames = frames;
    this.offset = offset;
    this.samples = samples;
    this.sampleSize = sampleSize;
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
   * The frames for a writer, which gets a reference of its own to release; the run itself is still
   * to be released once they are written.
   */
  public ByteBuf frames() {
    return frames.retainedSlice(frames.readerIndex(), length(samples));
  }

  /**
   * The entropy of one sample for a reader who wants no frames and gets a reference of their own to
   * release; the run itself is still to be released then.
   *
   * @param sample its place in the run, from 0
   */
  public ByteBuf entropy(int sample) {
    int from = frames.readerIndex() + length(sample) + Sample.HEADER_SIZE;
    return frames.retainedSlice(from, sampleSize);
  }

  /** The first samples of this run as a run of its own; both share the memory. */
  Run head(int count) {
    ByteBuf slice = frames.retainedSlice(frames.readerIndex(), length(count));
    return new Run(slice, offset, count, sampleSize);
  }

  /** What {@link #head} leaves of this run, which is not to be used any more. */
  Run tail(int count) {
    frames.skipBytes(length(count));
    return new Run(frames, offset + (long) count * sampleSize, samples - count, sampleSize);
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
    return "Run[offset=" + offset + ", samples=" + samples + ", size=" + size() + "]";
  }
}
