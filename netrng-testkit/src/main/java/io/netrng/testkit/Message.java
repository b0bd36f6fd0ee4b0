// SPDX-License-Identifier: Apache-2.0
package io.netrng.testkit;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * A frame of either side, with the fields of docs/protocol.md in their order and units. Unsigned
 * integers of up to 32 bits are never negative. Those of 64 bits keep their bits and may be
 * negative.
 */
public sealed interface Message {

  /** Type 01. */
  record Hello(int version, long guarantee, String label) implements Message {}

  /** Type 02. */
  record Request(long samples) implements Message {}

  /** Type 03. */
  record Ping(long value) implements Message {}

  /** Type 04. */
  record Bye() implements Message {}

  /** Type 81. */
  record Welcome(
      int version, long session, UUID epoch, long sampleSize, long guarantee, long keepalive)
      implements Message {}

  /** Type 82. */
  record Sample(long offset, ByteBuffer entropy) implements Message {}

  /** Type 83. */
  record Pong(long value) implements Message {}

  /** Type 84. */
  record Close(int code, long retryAfter, String reason) implements Message {}

  /** Not a frame: the peer has shut its sending side. */
  record End() implements Message {}

  /** Returns the whole frame with its header; no bytes for {@link End}. */
  default byte[] bytes() {
    return switch (this) {
      case Hello(int version, long guarantee, String label) ->
          frame(0x01, 6 + label.length())
              .put((byte) version)
              .putInt((int) guarantee)
              .put((byte) label.length())
              .put(label.getBytes(StandardCharsets.US_ASCII))
              .array();
      case Request(long samples) -> frame(0x02, 4).putInt((int) samples).array();
      case Ping(long value) -> frame(0x03, 8).putLong(value).array();
      case Bye() -> frame(0x04, 0).array();
      case Welcome welcome ->
          frame(0x81, 37)
              .put((byte) welcome.version)
              .putLong(welcome.session)
              .putLong(welcome.epoch.getMostSignificantBits())
              .putLong(welcome.epoch.getLeastSignificantBits())
              .putInt((int) welcome.sampleSize)
              .putInt((int) welcome.guarantee)
              .putInt((int) welcome.keepalive)
              .array();
      case Sample(long offset, ByteBuffer entropy) ->
          frame(0x82, 8 + entropy.remaining()).putLong(offset).put(entropy.duplicate()).array();
      case Pong(long value) -> frame(0x83, 8).putLong(value).array();
      case Close(int code, long retryAfter, String reason) -> {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        yield frame(0x84, 6 + text.length)
            .putShort((short) code)
            .putInt((int) retryAfter)
            .put(text)
            .array();
      }
      case End() -> new byte[0];
    };
  }

  /**
   * Casts this message to the expected type.
   *
   * @throws IOException if it has another type
   */
  default <M extends Message> M as(Class<M> type) throws IOException {
    if (!type.isInstance(this)) {
      throw new IOException("%s instead of %s".formatted(this, type.getSimpleName()));
    }
    return type.cast(this);
  }

  private static ByteBuffer frame(int type, int payloadSize) {
    return ByteBuffer.allocate(5 + payloadSize).putInt(1 + payloadSize).put((byte) type);
  }

  /**
   * Decodes the bytes after the length of a frame. The entropy of a sample shares their memory.
   *
   * @throws IOException if the type is unknown or the payload is invalid for it
   */
  static Message decode(ByteBuffer frame) throws IOException {
    int type = unsignedByte(frame);
    try {
      Message message =
          switch (type) {
            case 0x01 ->
                new Hello(unsignedByte(frame), unsigned(frame), text(frame, unsignedByte(frame)));
            case 0x02 -> new Request(unsigned(frame));
            case 0x03 -> new Ping(frame.getLong());
            case 0x04 -> new Bye();
            case 0x81 ->
                new Welcome(
                    unsignedByte(frame),
                    frame.getLong(),
                    new UUID(frame.getLong(), frame.getLong()),
                    unsigned(frame),
                    unsigned(frame),
                    unsigned(frame));
            case 0x82 -> new Sample(frame.getLong(), rest(frame));
            case 0x83 -> new Pong(frame.getLong());
            case 0x84 ->
                new Close(
                    Short.toUnsignedInt(frame.getShort()),
                    unsigned(frame),
                    text(frame, frame.remaining()));
            default -> throw new IOException("a frame of type %02x".formatted(type));
          };
      if (frame.hasRemaining()) {
        throw new IOException("%d bytes follow %s".formatted(frame.remaining(), message));
      }
      return message;
    } catch (BufferUnderflowException e) {
      throw new IOException("a frame of type %02x is too short".formatted(type), e);
    }
  }

  private static int unsignedByte(ByteBuffer frame) {
    return Byte.toUnsignedInt(frame.get());
  }

  private static long unsigned(ByteBuffer frame) {
    return Integer.toUnsignedLong(frame.getInt());
  }

  private static String text(ByteBuffer frame, int length) {
    byte[] bytes = new byte[length];
    frame.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static ByteBuffer rest(ByteBuffer frame) {
    ByteBuffer rest = frame.slice();
    frame.position(frame.limit());
    return rest;
  }
}
