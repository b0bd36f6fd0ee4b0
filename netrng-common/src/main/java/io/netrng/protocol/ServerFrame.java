// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import io.netty.buffer.ByteBuf;
import java.util.UUID;

/** A frame that a server sends. */
public sealed interface ServerFrame extends Frame {

  /**
   * The server admits the client.
   *
   * @param session the server's number of this session
   * @param epoch identifies the server's released stream since its last start
   * @param sampleSize bytes of entropy in each sample
   * @param guarantee the granted rate, in bytes per second
   * @param keepaliveMillis the client sends PING after this time without a frame
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
     * @throws IllegalArgumentException if a number is not a u32
     */
    public Welcome {
      Unsigned.requireInt("sample size", sampleSize);
      Unsigned.requireInt("guarantee", guarantee);
      Unsigned.requireInt("keepalive", keepaliveMillis);
    }

    /** Returns whether a client accepts the sample size and the keepalive. */
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

    /** The size of the fields before the entropy: length, type and offset, in bytes. */
    public static final int HEADER_SIZE = Integer.BYTES + 1 + Long.BYTES;

    /**
     * Writes the header of a sample's frame into a buffer that has space for it.
     *
     * @param buffer the target
     * @param index the position of the frame in the buffer
     * @param offset position of the sample in the released stream
     * @param sampleSize bytes of entropy that follow the header
     */
    public static void writeHeader(ByteBuf buffer, int index, long offset, int sampleSize) {
      buffer.setInt(index, 1 + Long.BYTES + sampleSize);
      buffer.setByte(index + Integer.BYTES, FrameType.SAMPLE.code());
      buffer.setLong(index + Integer.BYTES + 1, offset);
    }

    /** Returns the offset and size only, because entropy must not be printed. */
    @Override
    public String toString() {
      return "Sample[offset=" + offset + ", size=" + entropy.readableBytes() + "]";
    }
  }

  /**
   * The answer to a ping.
   *
   * @param value the value of the ping
   */
  record Pong(long value) implements ServerFrame {}

  /**
   * The server ends the connection, or refuses the client.
   *
   * @param code the reason
   * @param retryAfterMillis the minimum pause before the next connection, or {@link #NEVER}
   * @param reason the reason, for people
   */
  record Close(CloseCode code, long retryAfterMillis, String reason) implements ServerFrame {

    /** The client must wait at least ten minutes, because an operator may correct the policy. */
    public static final long NEVER = 0xffff_ffffL;

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the time is not a u32
     */
    public Close {
      Unsigned.requireInt("retry-after", retryAfterMillis);
    }
  }

  /**
   * Not a frame: the decoder's output for bytes that are not a valid frame. It is the last output.
   *
   * @param reason the fault, for people
   */
  record Malformed(String reason) implements ServerFrame {}
}
