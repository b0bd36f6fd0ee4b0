// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.Intake;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.sink.Wipe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * Combines the streams of several servers by XOR: the sum is unpredictable if the bytes of one
 * server are, and the others do not depend on them. Each received byte is used at most once, at its
 * place in the order of its stream.
 *
 * <pre>
 *   stream 1 --offer--> | input 1 | --+
 *                                    XOR --> feed buffer --> sink
 *   stream 2 --offer--> | input 2 | --+
 * </pre>
 *
 * A stream is live between WELCOME and the end of its session. While fewer streams than the minimum
 * are live, nothing is requested and nothing is fed. An input has no bytes of an earlier session,
 * because they could be of a server that another stream uses now.
 *
 * <p>An input may be ahead of the others by as many bytes as the sink and the guests want, up to
 * {@value FeedBuffer#CAPACITY} bytes. If a server stops, its session ends as starved. Then the
 * other inputs are fed without it, or zeroed.
 *
 * <p>The event loop calls all methods, except {@link #clear}.
 */
final class Combiner {

  private static final int PIECE = 16 * 1024;

  private final Intake feed;
  private final StreamStatus status;
  private final boolean isOfOneSession;
  private final IntConsumer onChange;
  private final List<Input> inputs;
  private final ByteBuffer sum = ByteBuffer.allocateDirect(PIECE);
  private final ByteBuffer summand = ByteBuffer.allocateDirect(PIECE);
  private final ByteBuf result = Unpooled.wrappedBuffer(sum);

  /**
   * Makes a combiner without live streams.
   *
   * @param status counts the bytes, and has the numbers of servers
   * @param onChange receives the number of live streams when one has become live, or has ended
   */
  Combiner(Intake feed, SinkKind sink, StreamStatus status, IntConsumer onChange) {
    this.feed = feed;
    this.status = status;
    this.onChange = onChange;
    isOfOneSession = sink.isOfOneSession();
    inputs = Stream.generate(Input::new).limit(status.wanted()).toList();
  }

  /** Returns the input of a stream. */
  Input input(int stream) {
    return inputs.get(stream);
  }

  private Stream<Input> live() {
    return inputs.stream().filter(input -> input.isLive);
  }

  private boolean isFeeding() {
    return live().count() >= status.minimum();
  }

  private void combine() {
    List<FeedBuffer> summands = live().map(input -> input.received).toList();
    for (int size = least(summands); size > 0; size = least(summands)) {
      summands.getFirst().takeAvailable(sum.clear().limit(size));
      for (FeedBuffer other : summands.subList(1, summands.size())) {
        other.takeAvailable(summand.clear().limit(size));
        add();
      }
      feed.offer(result.setIndex(0, size));
      Wipe.fill(sum);
      status.countCombined(summands.size(), size);
    }
  }

  private static int least(List<FeedBuffer> summands) {
    return summands.stream().mapToInt(FeedBuffer::buffered).reduce(PIECE, Math::min);
  }

  /** Adds the summand to the sum, and zeroes it. Both have the same size. */
  private void add() {
    int inWords = sum.limit() & -Long.BYTES;
    for (int i = 0; i < inWords; i += Long.BYTES) {
      sum.putLong(i, sum.getLong(i) ^ summand.getLong(i));
    }
    for (int i = inWords; i < sum.limit(); i++) {
      sum.put(i, (byte) (sum.get(i) ^ summand.get(i)));
    }
    Wipe.fill(summand);
  }

  /** Zeroes all bytes on the way to the sink. Any thread may call this method. */
  synchronized void clear() {
    inputs.forEach(Input::discard);
    feed.clear();
  }

  /** What one stream has received, and what is not combined yet. */
  final class Input implements Intake {

    private final FeedBuffer received =
        new FeedBuffer(ByteBuffer.allocateDirect(FeedBuffer.CAPACITY));
    private boolean isLive;

    @Override
    public void begin() {
      change(true);
    }

    @Override
    public void end() {
      if (isLive) {
        change(false);
      }
    }

    private void change(boolean live) {
      synchronized (Combiner.this) {
        discard();
        isLive = live;
        if (isFeeding()) {
          combine();
        } else {
          // Bytes that wait for a server would become old.
          inputs.forEach(Input::discard);
        }
      }
      onChange.accept((int) live().count());
    }

    private void discard() {
      status.countDiscarded(received.buffered());
      received.clear();
    }

    @Override
    public long freeSpace(long mostWaiting, long sampleSize) {
      return isFeeding()
          ? Math.min(feed.freeSpace(mostWaiting, sampleSize), FeedBuffer.CAPACITY)
              - received.buffered()
          : 0;
    }

    @Override
    public boolean fitsOrNotifies(long bytes, long mostWaiting, long sampleSize) {
      long ahead = bytes + received.buffered();
      // Guests can want more than an input holds.
      long needed = ahead <= FeedBuffer.CAPACITY ? ahead : Long.MAX_VALUE;
      return isFeeding() && feed.fitsOrNotifies(needed, mostWaiting, sampleSize);
    }

    @Override
    public void onFreeSpace(Runnable listener) {
      feed.onFreeSpace(listener);
    }

    @Override
    public void offer(ByteBuf sample) {
      synchronized (Combiner.this) {
        received.offer(sample);
        if (isFeeding()) {
          combine();
        } else {
          discard();
        }
      }
    }

    @Override
    public void clear() {
      if (isOfOneSession) {
        Combiner.this.clear();
      } else {
        discard();
      }
    }
  }
}
