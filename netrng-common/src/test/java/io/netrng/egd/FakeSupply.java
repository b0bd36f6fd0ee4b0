// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;

/** Bytes that count up, of which a test decides how many are there. */
final class FakeSupply implements EgdSupply, EgdClients {

  private Runnable onAvailable = () -> {};
  private long available;
  private long ready;
  private long drawn;
  private int next;
  private boolean isClosed;

  /** Starts with this number of bytes. */
  FakeSupply(long ready) {
    this.ready = ready;
  }

  @Override
  public EgdSupply open(Channel connection, Runnable onAvailable) {
    this.onAvailable = onAvailable;
    return this;
  }

  /** Adds bytes. */
  void add(long bytes) {
    ready += bytes;
    fill();
    onAvailable.run();
  }

  /** Whether the connection has ended. */
  boolean isClosed() {
    return isClosed;
  }

  /** The greatest number of bytes that were drawn at once. */
  long drawn() {
    return drawn;
  }

  private void fill() {
    long more = Math.min(ready, Math.max(0, drawn - available));
    ready -= more;
    available += more;
  }

  @Override
  public long available() {
    return available;
  }

  @Override
  public long ready() {
    return ready;
  }

  @Override
  public void draw(long bytes) {
    drawn = Math.max(drawn, bytes);
    fill();
  }

  @Override
  public int write(ChannelHandlerContext connection, int most) {
    int bytes = (int) Math.min(most, available);
    if (bytes > 0) {
      ByteBuf out = connection.alloc().directBuffer(bytes);
      for (int i = 0; i < bytes; i++) {
        out.writeByte(next++);
      }
      available -= bytes;
      var _ = connection.write(out);
    }
    return bytes;
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
