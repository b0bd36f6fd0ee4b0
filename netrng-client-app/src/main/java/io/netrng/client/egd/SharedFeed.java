// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.Intake;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Shares the received samples between the sink and the guests. Each sample has exactly one
 * consumer, so no byte is used twice. Those that want bytes receive equally many of them.
 *
 * <pre>
 *                                +--> feed buffer --> sink
 *   stream --offer--> select --> +--> guest's buffer --> connection
 *                                +--> guest's buffer --> connection
 * </pre>
 *
 * The sink wants a sample while its buffer has space for it. A guest wants one while it waits for
 * more bytes than it has. The demand is the sum, in whole samples. If the consumer of a sample has
 * left meanwhile, the sink gets it; if its buffer is full, the sample is destroyed.
 *
 * <p>Any thread may call the methods.
 */
final class SharedFeed implements Intake {

  private final FeedBuffer sink;
  private final FairShares<Consumer> shares = new FairShares<>();
  private final List<GuestSupply> guests = new ArrayList<>();
  private final Deque<ByteBuffer> unusedRings = new ArrayDeque<>();
  private final Consumer sinkShare = new SinkShare();
  private long mostWaiting;
  private boolean spaceIsAwaited;
  private long delivered;
  private volatile Runnable onFreeSpace = () -> {};

  /** One that receives samples. The shared feed calls the methods one at a time. */
  interface Consumer {

    /** Returns whether it wants a sample of this size, in bytes. */
    boolean wants(int size);

    /** Copies a sample. */
    void receive(ByteBuf sample);
  }

  private final class SinkShare implements Consumer {

    @Override
    public boolean wants(int size) {
      return size <= sink.freeSpace(mostWaiting, size);
    }

    @Override
    public void receive(ByteBuf sample) {
      sink.offer(sample);
    }
  }

  /** Creates a feed without guests. */
  SharedFeed(FeedBuffer sink) {
    this.sink = sink;
    shares.add(sinkShare);
  }

  /**
   * Adds a guest.
   *
   * @param loop the event loop of its connection
   * @param onAvailable is called on the loop when the guest has received bytes
   */
  GuestSupply add(Executor loop, Runnable onAvailable) {
    GuestSupply guest;
    synchronized (this) {
      ByteBuffer unused = unusedRings.poll();
      ByteBuffer ring = unused == null ? ByteBuffer.allocateDirect(GuestSupply.CAPACITY) : unused;
      guest = new GuestSupply(this, ring, loop, onAvailable);
      guests.add(guest);
      shares.add(guest);
    }
    change(() -> {});
    return guest;
  }

  /** Removes a guest and destroys its bytes. */
  synchronized void remove(GuestSupply guest) {
    if (guests.remove(guest)) {
      shares.remove(guest);
      unusedRings.add(guest.destroy());
    }
  }

  /** Performs a change of a guest's demand, and notifies the stream of it. */
  void change(Runnable change) {
    boolean tell;
    synchronized (this) {
      change.run();
      tell = spaceIsAwaited && guests.stream().anyMatch(guest -> guest.missing() > 0);
      spaceIsAwaited &= !tell;
    }
    if (tell) {
      onFreeSpace.run();
    }
  }

  /** Records the bytes that a guest has received. */
  synchronized void countDelivered(long bytes) {
    delivered += bytes;
  }

  /** Returns the number of bytes that all guests have received so far. */
  synchronized long deliveredBytes() {
    return delivered;
  }

  /** Returns the number of guests. */
  synchronized int guests() {
    return guests.size();
  }

  @Override
  public synchronized long freeSpace(long mostWaiting, long sampleSize) {
    this.mostWaiting = mostWaiting;
    long ofSink = Math.max(0, sink.freeSpace(mostWaiting, sampleSize));
    return ofSink
        + guests.stream()
            .mapToLong(guest -> Math.ceilDiv(guest.missing(), sampleSize) * sampleSize)
            .sum();
  }

  @Override
  public synchronized boolean fitsOrNotifies(long bytes, long mostWaiting, long sampleSize) {
    boolean fits =
        bytes <= freeSpace(mostWaiting, sampleSize)
            || sink.fitsOrNotifies(bytes, mostWaiting, sampleSize);
    spaceIsAwaited |= !fits;
    return fits;
  }

  @Override
  public synchronized boolean hasMemoryFor(int bytes) {
    return sink.hasMemoryFor(bytes) || guests.stream().anyMatch(guest -> guest.wants(bytes));
  }

  @Override
  public void onFreeSpace(Runnable listener) {
    onFreeSpace = listener;
    sink.onFreeSpace(listener);
  }

  @Override
  public synchronized void offer(ByteBuf sample) {
    int size = sample.readableBytes();
    shares
        .select(size, consumer -> consumer.wants(size))
        .or(() -> sink.hasMemoryFor(size) ? Optional.of(sinkShare) : Optional.empty())
        .ifPresent(consumer -> consumer.receive(sample));
  }

  /** Also advances the sink, because the bytes of a new session should reach the kernel first. */
  @Override
  public void clear() {
    change(() -> {
      guests.forEach(GuestSupply::discard);
      shares.advance(sinkShare);
      sink.clear();
    });
  }
}
