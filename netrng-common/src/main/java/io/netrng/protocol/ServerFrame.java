package io.netrng.protocol;

import io.netty.buffer.ByteBuf;
import java.util.UUID;

/** A frame that a server sends. */
public sealed interface ServerFrame extends Frame {

  /**
   * The client is let in.
   *
   * @param session the server's number for this session
   * @param epoch one life of the server's released stream
   * @param sampleSize bytes of entropy in each sample
   * @param guarantee the rate that was granted, in bytes per second
   * @param keepaliveMillis after this much silence the client pings
   */
  record Welcome(long session, UUID epoch, long sampleSize, long guarantee, long keepaliveMillis)
      implements ServerFrame {

    /** The smallest and the largest sample that a client accepts, in bytes. */
    public static final int MIN_SAMPLE_SIZE = 16;

    public static final int MAX_SAMPLE_SIZE = 65_536;

    /** The shortest and the longest keepalive that a client accepts. */
    public static final long MIN_KEEPALIVE_MILLIS = 1_000;

    public static final long MAX_KEEPALIVE_MILLIS = 600_000;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is no u32
     */
    public Welcome {
      Unsigned.requireInt("sample size", sampleSize);
      Unsigned.requireInt("guarantee", guarantee);
      Unsigned.requireInt("keepalive", keepaliveMillis);
    }

    /** Whether sample size and keepalive are in the ranges that a client accepts. */
    public boolean isAcceptable() {
      return sampleSize >= MIN_SAMPLE_SIZE
          && sampleSize <= MAX_SAMPLE_SIZE
          && keepaliveMillis >= MIN_KEEPALIVE_MILLIS
          && keepaliveMillis <= MAX_KEEPALIVE_MILLIS;
    }
  }

  /**
   * One sample.
   *
   * @param offset position of the first byte in the released stream of this epoch
   * @param entropy the bytes; the receiver of the frame zeroes and releases them
   */
  record Sample(long offset, ByteBuf entropy) implements ServerFrame {

    /** What stands before the entropy on the wire: length, type and offset, in bytes. */
    public static final int HEADER_SIZE = Integer.BYTES + 1 + Long.BYTES;

    /**
     * Writes the header of a sample's frame into a buffer that is laid out for it.
     *
     * @param buffer where to
     * @param index the position of the frame in the buffer
     * @param offset position of the sample in the released stream
     * @param sampleSize bytes of entropy that follow the header
     */
    public static void writeHeader(ByteBuf buffer, int index, long offset, int sampleSize) {
      buffer.setInt(index, 1 + Long.BYTES + sampleSize);
      buffer.setByte(index + Integer.BYTES, FrameType.SAMPLE.code());
      buffer.setLong(index + Integer.BYTES + 1, offset);
    }

    /** The place of the sample, without a byte of it: entropy is never printed. */
    @Override
    public String toString() {
      return "Sample[offset=" + offset + ", size=" + entropy.readableBytes() + "]";
    }
  }

  /**
   * The answer to a ping.
   *
   * @param value the ping's
   */
  record Pong(long value) implements ServerFrame {}

  /**
   * The server ends the connection, or does not let the client in.
   *
   * @param code why
   * @param retryAfterMillis the earliest time to come back, or {@link #NEVER}
   * @param reason the same for people
   */
  record Close(CloseCode code, long retryAfterMillis, String reason) implements ServerFrame {

    /** Come back after ten minutes at the earliest, because policies get corrected. */
    public static final long NEVER = 0xffff_ffffL;

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the time is no u32
     */
    public Close {
      Unsigned.requireInt("retry-after", retryAfterMillis);
    }
  }

  /**
   * Not a frame but what the decoder makes of bytes that are none; nothing comes after it.
   *
   * @param reason what was wrong, for people
   */
  record Malformed(String reason) implements ServerFrame {}
}
