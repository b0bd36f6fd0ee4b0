// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/** Encodes and decodes frames without a socket. */
final class Wire {

  private static final HexFormat HEX = HexFormat.of();

  private Wire() {}

  /** Returns the encoded bytes of a frame. */
  static byte[] encode(Frame frame) {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameEncoder());
    channel.writeOutbound(frame);
    ByteBuf out = channel.readOutbound();
    byte[] bytes = ByteBufUtil.getBytes(out);
    out.release();
    channel.finishAndReleaseAll();
    if (frame instanceof ServerFrame.Sample sample) {
      sample.entropy().release();
    }
    return bytes;
  }

  /** Decodes bytes that arrive in one buffer. The entropy of samples is on the heap. */
  static List<Frame> decode(FrameDecoder decoder, byte[] bytes) {
    return decode(decoder, bytes, List.of());
  }

  /** Decodes bytes that arrive in chunks of these sizes. The rest arrives in one chunk. */
  static List<Frame> decode(FrameDecoder decoder, byte[] bytes, List<Integer> chunks) {
    return decode(decoder, bytes, chunks, PooledByteBufAllocator.DEFAULT);
  }

  /** Decodes bytes with buffers of this allocator only. */
  static List<Frame> decode(
      FrameDecoder decoder, byte[] bytes, List<Integer> chunks, ByteBufAllocator memory) {
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    channel.config().setAllocator(memory);
    List<Frame> frames = new ArrayList<>();
    int from = 0;
    for (int chunk : chunks) {
      int to = Math.min(bytes.length, from + chunk);
      channel.writeInbound(copy(memory, bytes, from, to));
      drain(channel, frames);
      from = to;
    }
    channel.writeInbound(copy(memory, bytes, from, bytes.length));
    drain(channel, frames);
    channel.finish();
    drain(channel, frames);
    return frames;
  }

  private static ByteBuf copy(ByteBufAllocator memory, byte[] bytes, int from, int to) {
    ByteBuf chunk = memory.directBuffer(to - from + 1);
    return chunk.writeBytes(bytes, from, to - from);
  }

  private static void drain(EmbeddedChannel channel, List<Frame> frames) {
    for (Frame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
      frames.add(onHeap(frame));
    }
  }

  private static Frame onHeap(Frame frame) {
    if (frame instanceof ServerFrame.Sample(long offset, ByteBuf entropy)) {
      byte[] bytes = ByteBufUtil.getBytes(entropy);
      entropy.release();
      return new ServerFrame.Sample(offset, Unpooled.wrappedBuffer(bytes));
    }
    return frame;
  }

  /** Parses hexadecimal bytes with optional blanks. */
  static byte[] hex(String text) {
    return HEX.parseHex(text.replace(" ", ""));
  }

  /** Returns a sample of this size, in which adjacent bytes differ. */
  static ServerFrame.Sample sample(long offset, int size) {
    byte[] entropy = new byte[size];
    for (int i = 0; i < size; i++) {
      entropy[i] = (byte) (i * 7 + 1);
    }
    return new ServerFrame.Sample(offset, Unpooled.wrappedBuffer(entropy));
  }

  static ServerFrame.Welcome welcome() {
    return new ServerFrame.Welcome(
        0x0102030405060708L,
        UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
        2_048,
        64,
        10_000);
  }
}
