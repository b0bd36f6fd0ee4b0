// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Writes frames of either side. Buffers pass unchanged, because a server's samples already contain
 * their headers.
 */
@ChannelHandler.Sharable
public final class FrameEncoder extends MessageToByteEncoder<Frame> {

  /** Makes an encoder, which any number of channels may share. */
  public FrameEncoder() {
    super(Frame.class);
  }

  @Override
  protected void encode(ChannelHandlerContext ctx, Frame frame, ByteBuf out) {
    int start = out.writerIndex();
    out.writeInt(0);
    switch (frame) {
      case ClientFrame client -> encode(client, out);
      case ServerFrame server -> encode(server, out);
    }
    out.setInt(start, out.writerIndex() - start - Integer.BYTES);
  }

  private static void encode(ClientFrame frame, ByteBuf out) {
    switch (frame) {
      case ClientFrame.Hello(long guarantee, String label) -> {
        type(out, FrameType.HELLO).writeByte(Frame.VERSION).writeInt((int) guarantee);
        out.writeByte(label.length());
        out.writeCharSequence(label, StandardCharsets.US_ASCII);
      }
      case ClientFrame.Request(long samples) ->
          type(out, FrameType.REQUEST).writeInt((int) samples);
      case ClientFrame.Ping(long value) -> type(out, FrameType.PING).writeLong(value);
      case ClientFrame.Bye() -> type(out, FrameType.BYE);
      case ClientFrame.Malformed malformed -> throw unsendable(malformed);
    }
  }

  private static void encode(ServerFrame frame, ByteBuf out) {
    switch (frame) {
      case ServerFrame.Welcome welcome ->
          type(out, FrameType.WELCOME)
              .writeByte(Frame.VERSION)
              .writeLong(welcome.session())
              .writeLong(welcome.epoch().getMostSignificantBits())
              .writeLong(welcome.epoch().getLeastSignificantBits())
              .writeInt((int) welcome.sampleSize())
              .writeInt((int) welcome.guarantee())
              .writeInt((int) welcome.keepaliveMillis());
      case ServerFrame.Sample sample -> {
        ByteBuf entropy = sample.entropy();
        type(out, FrameType.SAMPLE).writeLong(sample.offset());
        out.writeBytes(entropy, entropy.readerIndex(), entropy.readableBytes());
      }
      case ServerFrame.Pong(long value) -> type(out, FrameType.PONG).writeLong(value);
      case ServerFrame.Close(CloseCode code, long retryAfterMillis, String reason) -> {
        type(out, FrameType.CLOSE).writeShort(code.code()).writeInt((int) retryAfterMillis);
        out.writeCharSequence(reason, StandardCharsets.UTF_8);
      }
      case ServerFrame.Malformed malformed -> throw unsendable(malformed);
    }
  }

  private static ByteBuf type(ByteBuf out, FrameType type) {
    return out.writeByte(type.code());
  }

  private static IllegalArgumentException unsendable(Frame frame) {
    return new IllegalArgumentException("not a frame: " + frame);
  }
}
