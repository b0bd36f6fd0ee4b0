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
import java.util.function.Predicate;

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
 * Each input is in one of these states:
 *
 * <pre>
 *               WELCOME             sample
 *   Unused ----------------> Admitted ----> Delivering
 *     ^                                      |      ^
 *     |                        owes samples  v      | sample
 *     +---- the session ends ----            Dropped
 * </pre>
 *
 * The sum is that of the inputs that deliver. While these are fewer than the minimum, nothing is
 * fed. While fewer streams than the minimum are admitted, nothing is requested, and waiting bytes
 * are zeroed. An input has no bytes of an earlier session, because they could be of a server that
 * another stream uses now.
 *
 * <p>An input may be ahead of the others by as many bytes as the sink and the guests want, up to
 * {@value FeedBuffer#CAPACITY} bytes. A server that owes samples for some keepalives is dropped if
 * the minimum of others delivers. Otherwise, the others wait until its session ends as starved.
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
   * @param onChange receives the number of live streams when it has changed: those that are
   *     admitted and not dropped
   */
  Combiner(Intake feed, SinkKind sink, StreamStatus status, IntConsumer onChange) {
    this.feed = feed;
    this.status = status;
    this.onChange = onChange;
    isOfOneSession = sink.isOfOneSession();
    inputs = status.streams().stream().map(Input::new).toList();
  }

  /** Returns the input of a stream. */
  Input input(int stream) {
    return inputs.get(stream);
  }

  private long count(Predicate<Input> predicate) {
    return inputs.stream().filter(predicate).count();
  }

  private boolean isRequesting() {
    return count(input -> input.state != State.UNUSED) >= status.minimum();
  }

  /** Feeds what the inputs have, as far as the sink has memory for it. */
  synchronized void combine() {
    List<FeedBuffer> summands =
        inputs.stream()
            .filter(input -> input.state == State.DELIVERING)
            .map(input -> input.received)
            .toList();
    if (summands.size() < status.minimum()) {
      return;
    }
    for (int size = least(summands); size > 0 && feed.hasMemoryFor(size); size = least(summands)) {
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

  private enum State {
    /** No server admits the stream. */
    UNUSED,
    /** The server has sent no sample yet. */
    ADMITTED,
    DELIVERING,
    /** The server owes samples. */
    DROPPED
  }

  /** What one stream has received, and what is not combined yet. */
  final class Input implements Intake {

    private final StreamStatus.Stream stream;
    private final FeedBuffer received =
        new FeedBuffer(ByteBuffer.allocateDirect(FeedBuffer.CAPACITY));
    private State state = State.UNUSED;
    private boolean isOverdue;

    private Input(StreamStatus.Stream stream) {
      this.stream = stream;
    }

    @Override
    public void begin() {
      synchronized (Combiner.this) {
        reset(State.ADMITTED);
      }
      reportChange();
    }

    @Override
    public void end() {
      if (state == State.UNUSED) {
        return;
      }
      synchronized (Combiner.this) {
        reset(State.UNUSED);
        if (isRequesting()) {
          combine();
        } else {
          // Bytes that wait for a server would become old.
          inputs.forEach(Input::discard);
        }
      }
      reportChange();
    }

    private void reset(State next) {
      discard();
      isOverdue = false;
      change(next);
    }

    private void change(State next) {
      state = next;
      stream.setDropped(next == State.DROPPED);
    }

    private void reportChange() {
      onChange.accept(
          (int) count(input -> input.state != State.UNUSED && input.state != State.DROPPED));
    }

    private boolean isMissing() {
      return isOverdue && received.buffered() == 0;
    }

    @Override
    public boolean drop() {
      synchronized (Combiner.this) {
        isOverdue = true;
        boolean isUsed = state == State.ADMITTED || state == State.DELIVERING;
        if (!isUsed || !isMissing() || !othersDeliver()) {
          return false;
        }
        change(State.DROPPED);
        combine();
      }
      reportChange();
      return true;
    }

    /** Returns whether the minimum of others delivers, and has bytes if these wait for this one. */
    private boolean othersDeliver() {
      List<Input> others =
          inputs.stream()
              .filter(input -> input.state == State.DELIVERING && !input.isMissing())
              .toList();
      return others.size() >= status.minimum()
          && (state == State.ADMITTED
              || others.stream().allMatch(input -> input.received.buffered() > 0));
    }

    private void discard() {
      status.countDiscarded(received.buffered());
      received.clear();
    }

    @Override
    public long freeSpace(long mostWaiting, long sampleSize) {
      return isRequesting()
          ? Math.min(feed.freeSpace(mostWaiting, sampleSize), FeedBuffer.CAPACITY)
              - received.buffered()
          : 0;
    }

    @Override
    public boolean fitsOrNotifies(long bytes, long mostWaiting, long sampleSize) {
      long ahead = bytes + received.buffered();
      // Guests can want more than an input holds.
      long needed = ahead <= FeedBuffer.CAPACITY ? ahead : Long.MAX_VALUE;
      return isRequesting() && feed.fitsOrNotifies(needed, mostWaiting, sampleSize);
    }

    @Override
    public boolean hasMemoryFor(int bytes) {
      return received.hasMemoryFor(bytes);
    }

    @Override
    public void onFreeSpace(Runnable listener) {
      feed.onFreeSpace(listener);
    }

    @Override
    public void offer(ByteBuf sample) {
      boolean isBack = state == State.DROPPED;
      synchronized (Combiner.this) {
        isOverdue = false;
        change(State.DELIVERING);
        received.offer(sample);
        if (isRequesting()) {
          combine();
        } else {
          discard();
        }
      }
      if (isBack) {
        reportChange();
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
