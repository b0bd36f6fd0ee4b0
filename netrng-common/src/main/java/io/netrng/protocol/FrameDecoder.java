// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Splits the bytes of one side into its frames. The first bytes that are not a valid frame become
 * one {@code Malformed}, as soon as length and type show the fault. The decoder discards all later
 * bytes.
 */
public final class FrameDecoder extends ByteToMessageDecoder {

  private static final int HEADER_SIZE = Integer.BYTES + 1;

  private final boolean ofServers;
  private final int maxLength;
  private boolean malformed;

  private FrameDecoder(boolean ofServers, int maxLength) {
    this.ofServers = ofServers;
    this.maxLength = maxLength;
  }

  /** Makes a server's decoder of client frames. */
  public static FrameDecoder ofClientFrames() {
    return ofClientFrames(ClientFrame.MAX_LENGTH);
  }

  /**
   * Makes a server's decoder of client frames with another limit.
   *
   * @param maxLength the maximum length of a frame, in bytes
   */
  public static FrameDecoder ofClientFrames(int maxLength) {
    return new FrameDecoder(false, maxLength);
  }

  /** Makes a client's decoder of server frames. */
  public static FrameDecoder ofServerFrames() {
    return new FrameDecoder(true, FrameType.MAX_SERVER_LENGTH);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (malformed) {
      in.skipBytes(in.readableBytes());
      return;
    }
    try {
      Frame frame = decode(in);
      if (frame != null) {
        out.add(frame);
      }
    } catch (MalformedException e) {
      malformed = true;
      in.skipBytes(in.readableBytes());
      String reason = String.valueOf(e.getMessage());
      out.add(
          ofServers
              ? new ServerFrame.Malformed(reason)
              : new ClientFrame.Malformed(e.code, reason));
    }
  }

  private @Nullable Frame decode(ByteBuf in) throws MalformedException {
    if (in.readableBytes() < Integer.BYTES) {
      return null;
    }
    long length = in.getUnsignedInt(in.readerIndex());
    if (length == 0) {
      throw new MalformedException("an empty frame");
    }
    if (length > maxLength) {
      throw new MalformedException("a frame of length " + length + ", at most " + maxLength);
    }
    if (in.readableBytes() < HEADER_SIZE) {
      return null;
    }
    int code = in.getUnsignedByte(in.readerIndex() + Integer.BYTES);
    FrameType type = FrameType.of(code);
    if (type == null || type.isServers() != ofServers) {
      throw new MalformedException("a frame of unknown type 0x%02x".formatted(code));
    }
    if (!type.admits(length)) {
      throw new MalformedException("a " + type + " of length " + length);
    }
    if (in.readableBytes() < Integer.BYTES + length) {
      return null;
    }
    in.skipBytes(HEADER_SIZE);
    return payload(type, in.readSlice((int) length - 1));
  }

  private static Frame payload(FrameType type, ByteBuf in) throws MalformedException {
    return switch (type) {
      case HELLO -> hello(in);
      case REQUEST -> request(in);
      case PING -> new ClientFrame.Ping(in.readLong());
      case BYE -> new ClientFrame.Bye();
      case WELCOME -> welcome(in);
      case SAMPLE ->
          new ServerFrame.Sample(in.readLong(), in.readRetainedSlice(in.readableBytes()));
      case PONG -> new ServerFrame.Pong(in.readLong());
      case CLOSE -> close(in);
    };
  }

  private static Frame hello(ByteBuf in) throws MalformedException {
    requireVersion(in.readUnsignedByte());
    if (in.readableBytes() < Integer.BYTES + 1) {
      throw new MalformedException("a HELLO that is too short");
    }
    long guarantee = in.readUnsignedInt();
    int labelLength = in.readUnsignedByte();
    if (labelLength != in.readableBytes()) {
      throw new MalformedException(
          "a HELLO whose label of " + labelLength + " bytes has " + in.readableBytes());
    }
    String label = in.readString(labelLength, StandardCharsets.ISO_8859_1);
    if (!ClientFrame.Hello.isLabel(label)) {
      throw new MalformedException("a HELLO whose label is not [A-Za-z0-9._-]{1,64}");
    }
    return new ClientFrame.Hello(guarantee, label);
  }

  private static Frame request(ByteBuf in) throws MalformedException {
    long samples = in.readUnsignedInt();
    if (samples == 0) {
      throw new MalformedException("a REQUEST for 0 samples");
    }
    return new ClientFrame.Request(samples);
  }

  private static Frame welcome(ByteBuf in) throws MalformedException {
    requireVersion(in.readUnsignedByte());
    long session = in.readLong();
    UUID epoch = new UUID(in.readLong(), in.readLong());
    return new ServerFrame.Welcome(
        session, epoch, in.readUnsignedInt(), in.readUnsignedInt(), in.readUnsignedInt());
  }

  private static Frame close(ByteBuf in) throws MalformedException {
    int number = in.readUnsignedShort();
    Optional<CloseCode> code = CloseCode.of(number);
    if (code.isEmpty()) {
      throw new MalformedException("a CLOSE of unknown code " + number);
    }
    long retryAfterMillis = in.readUnsignedInt();
    String reason = in.readString(in.readableBytes(), StandardCharsets.UTF_8);
    return new ServerFrame.Close(code.get(), retryAfterMillis, reason);
  }

  private static void requireVersion(int version) throws MalformedException {
    if (version != Frame.VERSION) {
      throw new MalformedException(
          CloseCode.UNSUPPORTED_VERSION,
          "version " + version + " is not spoken here, version " + Frame.VERSION + " is");
    }
  }

  /** Carries the fault out of the nested reads; never leaves this class. */
  private static final class MalformedException extends Exception {

    private final CloseCode code;

    MalformedException(String reason) {
      this(CloseCode.PROTOCOL_ERROR, reason);
    }

    MalformedException(CloseCode code, String reason) {
      super(reason, null, false, false);
      this.code = code;
    }
  }
}
