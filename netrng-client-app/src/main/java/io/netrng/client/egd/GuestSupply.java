// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.egd.EgdSupply;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The bytes of one guest. They wait outside the heap, and are zeroed when they are in the socket or
 * the connection has ended.
 *
 * <p>The supply stays one sample ahead of its guest, because a guest may ask how many bytes are
 * available, or request only these. QEMU requests 64 bytes, and the next ones after these. To get
 * its share of samples that arrive together, such a guest needs a supply that is further ahead:
 * twice as far as it took between two waits, as a file system reads ahead.
 */
final class GuestSupply implements EgdSupply, SharedFeed.Consumer {

  /** The maximum that the stream requests for a guest at once, in bytes. */
  static final int MOST_MISSING = 64 * 1024;

  /** Fits what was requested, rounded up to a sample of the largest size, 64 KB. */
  static final int CAPACITY = MOST_MISSING + 64 * 1024;

  private final SharedFeed feed;
  private final ByteBuffer ring;
  private final FeedBuffer received;

  /** The bytes that the guest waits for. Guarded by the feed, as the next two. */
  private long requested;

  /** The bytes that should be available before the guest requests them; at least one sample. */
  private long ahead = 1;

  /** The bytes that the guest has taken since it last waited. */
  private long taken;

  /**
   * Creates an empty supply.
   *
   * @param ring outside the heap, zeroed
   * @param loop the event loop of the connection
   * @param onAvailable is called on the loop when bytes were received
   */
  GuestSupply(SharedFeed feed, ByteBuffer ring, Executor loop, Runnable onAvailable) {
    this.feed = feed;
    this.ring = ring;
    received = new FeedBuffer(ring);
    AtomicBoolean isNotified = new AtomicBoolean();
    received.onOffer(() -> {
      if (!isNotified.getAndSet(true)) {
        loop.execute(() -> {
          isNotified.set(false);
          onAvailable.run();
        });
      }
    });
  }

  @Override
  public long available() {
    return received.buffered();
  }

  /** Nothing is available without a server. */
  @Override
  public long ready() {
    return 0;
  }

  @Override
  public void draw(long bytes) {
    feed.change(() -> requested = Math.max(requested, bytes));
  }

  @Override
  public int write(ChannelHandlerContext connection, int most) {
    int capacity = (int) Math.min(most, available());
    if (capacity == 0) {
      return 0;
    }
    ByteBuf bytes = connection.alloc().directBuffer(capacity, capacity);
    ByteBuffer target = bytes.nioBuffer(0, capacity);
    received.takeAvailable(target);
    // Fewer, if another thread has discarded them meanwhile.
    int size = target.limit();
    bytes.writerIndex(size);
    feed.change(() -> {
      requested = Math.max(requested - size, 0);
      ahead = Math.max(ahead, 1);
      taken += size;
    });
    feed.countDelivered(size);
    // The channel releases the bytes before it reports that they are written.
    var _ =
        connection
            .write(bytes.retain())
            .addListener(_ -> {
              bytes.setZero(0, bytes.capacity());
              bytes.release();
            });
    return size;
  }

  @Override
  public void close() {
    feed.remove(this);
  }

  @Override
  public boolean wants(int size) {
    return missing() > 0;
  }

  /** Returns how many bytes the stream should request for this guest; the feed's lock is held. */
  long missing() {
    return Math.max(0, Math.min(Math.max(requested, ahead), MOST_MISSING) - received.buffered());
  }

  @Override
  public void receive(ByteBuf sample) {
    if (received.buffered() == 0) {
      ahead = Math.clamp(2 * taken, 1, MOST_MISSING);
      taken = 0;
    }
    received.offer(sample);
  }

  /**
   * Destroys the bytes that the guest has not drawn; the feed's lock is held. A guest that waits
   * for nothing gets no others, else each idle guest would cost a sample per keepalive.
   */
  void discard() {
    ahead = 0;
    taken = 0;
    received.clear();
  }

  /** Destroys the bytes, and returns the memory. The supply receives none any more. */
  ByteBuffer destroy() {
    received.clear();
    return ring;
  }
}
