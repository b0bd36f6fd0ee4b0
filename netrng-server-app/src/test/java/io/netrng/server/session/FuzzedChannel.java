// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;

/**
 * The server's end of a connection. Its peer reads a limited number of bytes, or resets the
 * connection.
 */
public final class FuzzedChannel extends EmbeddedChannel implements DuplexChannel {

  private final ByteBuf written = Unpooled.buffer();
  private long window = Long.MAX_VALUE;
  private boolean stalled;
  private boolean broken;
  private boolean outputShut;
  private boolean wantsRead;

  FuzzedChannel(Ticker ticker, ByteBufAllocator memory) {
    super(EmbeddedChannel.builder().register(false).ticker(ticker));
    config().setAllocator(memory);
  }

  /** Returns the bytes that the server has sent and the test has not yet read. */
  public ByteBuf written() {
    return written;
  }

  /** Accepts this many further bytes, and then none until the next call. */
  public void take(long bytes) {
    window = bytes;
    stalled |= bytes < Long.MAX_VALUE;
    flush();
  }

  /**
   * Receives bytes if the server has requested a read since the last ones.
   *
   * @return whether it has
   */
  public boolean receive(ByteBuf bytes) {
    boolean wanted = wantsRead;
    if (wanted) {
      wantsRead = false;
      writeInbound(bytes);
    }
    return wanted;
  }

  @Override
  protected void doBeginRead() {
    wantsRead = true;
  }

  /** Returns whether the peer has always accepted all bytes. */
  public boolean hasTakenAll() {
    return !stalled && !broken;
  }

  public void breakDown() {
    broken = true;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer out) throws IOException {
    if (broken || outputShut) {
      throw new IOException("Broken pipe");
    }
    while (window > 0 && out.current() instanceof ByteBuf bytes) {
      int length = (int) Math.min(window, bytes.readableBytes());
      written.writeBytes(bytes, bytes.readerIndex(), length);
      window -= length;
      out.removeBytes(length);
    }
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShut;
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    outputShut = true;
    return promise.setSuccess();
  }

  @Override
  public boolean isInputShutdown() {
    return false;
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    throw new UnsupportedOperationException();
  }
}
