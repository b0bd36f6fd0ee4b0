// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.Frame;
import io.netrng.protocol.FrameDecoder;
import io.netrng.protocol.FrameEncoder;
import io.netrng.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.Queue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** Frames per second that the codec reads or writes on one core, in a channel without a socket. */
@State(Scope.Benchmark)
public class CodecBenchmark {

  /** About 64 KiB of samples, the size of one read of a busy client. */
  private static final int FRAMES = 32;

  private static final int SAMPLE_SIZE = 2_048;

  private final EmbeddedChannel server = channel(FrameDecoder.ofClientFrames());
  private final EmbeddedChannel client = channel(FrameDecoder.ofServerFrames());
  private final ByteBuf requests = encoded(new ClientFrame.Request(1));
  private final ByteBuf samples =
      encoded(new ServerFrame.Sample(0, Unpooled.wrappedBuffer(new byte[SAMPLE_SIZE])));
  private final ServerFrame pong = new ServerFrame.Pong(1);

  private static EmbeddedChannel channel(FrameDecoder decoder) {
    return new EmbeddedChannel(decoder, new FrameEncoder());
  }

  /** Returns copies of one frame in a row. */
  private static ByteBuf encoded(Frame frame) {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameEncoder());
    ByteBuf frames = PooledByteBufAllocator.DEFAULT.directBuffer();
    for (int i = 0; i < FRAMES; i++) {
      channel.writeOutbound(frame);
      ByteBuf out = channel.readOutbound();
      frames.writeBytes(out);
      out.release();
    }
    return frames;
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public void decodeRequests(Blackhole hole) {
    server.writeInbound(requests.retainedDuplicate());
    drain(server.inboundMessages(), hole);
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public void encodePongs(Blackhole hole) {
    for (int i = 0; i < FRAMES; i++) {
      server.writeOutbound(pong);
    }
    drain(server.outboundMessages(), hole);
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public void decodeSamples(Blackhole hole) {
    client.writeInbound(samples.retainedDuplicate());
    drain(client.inboundMessages(), hole);
  }

  private static void drain(Queue<Object> messages, Blackhole hole) {
    for (Object next = messages.poll(); next != null; next = messages.poll()) {
      hole.consume(next);
      ReferenceCountUtil.release(
          next instanceof ServerFrame.Sample sample ? sample.entropy() : next);
    }
  }
}
