// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Buffers entropy for the sink: a ring outside the heap. The buffer zeroes bytes when they are
 * taken. {@link #freeSpace()} counts bytes in the pipe to the sink as buffered until the sink has
 * consumed them. Demand therefore follows the rate of the sink, and stops when the sink stops.
 *
 * <pre>
 *   offer -> | buffered | -> take -> | pipe | -> taken
 *            |&lt;- free space is what these leave ->|
 * </pre>
 */
public final class FeedBuffer implements Intake {

  /** Holds several samples of the largest size, and suffices for megabytes per second. */
  public static final int CAPACITY = 256 * 1024;

  private final ByteBuffer ring;
  private int head;
  private int buffered;
  private boolean open;
  private long inPipe;
  private long takenOfProcess;
  private long fed;
  private long consumed;
  private boolean spaceIsAwaited;
  private boolean untouched = true;
  private volatile Runnable onFreeSpace = () -> {};
  private volatile Runnable onOffer = () -> {};

  /**
   * Creates an empty buffer that is not open.
   *
   * @param ring outside the heap
   */
  public FeedBuffer(ByteBuffer ring) {
    this.ring = ring;
  }

  /** Returns how many more bytes can be used. */
  public synchronized long freeSpace() {
    return open ? ring.capacity() - buffered - inPipe : 0;
  }

  /** Returns how many bytes are in the buffer or in the pipe. */
  public synchronized long waiting() {
    return buffered + inPipe;
  }

  @Override
  public synchronized long freeSpace(long mostWaiting, long sampleSize) {
    return Math.min(freeSpace(), mostWaiting - waiting());
  }

  @Override
  public synchronized boolean fitsOrNotifies(long bytes, long mostWaiting, long sampleSize) {
    boolean fits = bytes <= freeSpace(mostWaiting, sampleSize);
    // Several streams may wait.
    spaceIsAwaited |= !fits;
    return fits;
  }

  @Override
  public void onFreeSpace(Runnable listener) {
    onFreeSpace = listener;
  }

  /** Sets the listener, which the thread of the stream calls after each sample. */
  public void onOffer(Runnable listener) {
    onOffer = listener;
  }

  /**
   * Copies a sample into the buffer; the caller zeroes its own copy.
   *
   * @throws IllegalStateException if the sample does not fit; a caller prevents this if it requests
   *     at most {@link #freeSpace()}
   */
  @Override
  public void offer(ByteBuf sample) {
    store(sample);
    onOffer.run();
  }

  private synchronized void store(ByteBuf sample) {
    int size = sample.readableBytes();
    if (!hasMemoryFor(size)) {
      throw new IllegalStateException(size + " bytes do not fit");
    }
    int tail = (head + buffered) % ring.capacity();
    int first = Math.min(size, ring.capacity() - tail);
    sample.getBytes(sample.readerIndex(), ring.slice(tail, first));
    sample.getBytes(sample.readerIndex() + first, ring.slice(0, size - first));
    buffered += size;
    notifyAll();
  }

  @Override
  public synchronized boolean hasMemoryFor(int bytes) {
    return bytes <= ring.capacity() - buffered;
  }

  /** Returns the number of bytes written to all processes so far. */
  public synchronized long fedBytes() {
    return fed;
  }

  /** Returns the number of bytes that all processes have read so far. */
  public synchronized long consumedBytes() {
    return consumed;
  }

  /** Starts to feed a new process. */
  public void open() {
    synchronized (this) {
      open = true;
      takenOfProcess = 0;
    }
    onFreeSpace.run();
  }

  /** Ends the feeding of a process. Bytes that it did not read are lost with it. */
  public synchronized void close() {
    open = false;
    inPipe = 0;
  }

  /**
   * Waits for this number of bytes. Then moves them and as many whole steps of further bytes as are
   * buffered and fit into the target. These bytes now belong to the process and never return to the
   * buffer.
   *
   * @param target cleared, outside the heap; flipped on return
   * @param least in bytes
   * @param step in bytes
   */
  public synchronized void take(ByteBuffer target, int least, int step)
      throws InterruptedException {
    while (buffered < least) {
      wait();
    }
    int most = Math.min(buffered, target.remaining()) - least;
    move(target, least + most / step * step);
  }

  /**
   * Moves as many bytes as are buffered and fit into the target, without a wait.
   *
   * @param target cleared, outside the heap; flipped on return
   */
  public synchronized void takeAvailable(ByteBuffer target) {
    move(target, Math.min(buffered, target.remaining()));
  }

  private void move(ByteBuffer target, int size) {
    int first = Math.min(size, ring.capacity() - head);
    move(ring.slice(head, first), target);
    move(ring.slice(0, size - first), target);
    target.flip();
    head = (head + size) % ring.capacity();
    buffered -= size;
    untouched &= size == 0;
    inPipe += size;
    fed += size;
  }

  private static void move(ByteBuffer from, ByteBuffer to) {
    to.put(from);
    Wipe.fill(from);
  }

  /**
   * Records how many bytes the process has read since {@link #open()}. A count above the bytes
   * written to it is reduced to them, because some families read a few bytes of other files.
   *
   * @return how many of these bytes are new
   */
  public long taken(long ofProcess) {
    long more;
    boolean tell;
    synchronized (this) {
      more = Math.clamp(ofProcess - takenOfProcess, 0, inPipe);
      takenOfProcess += more;
      inPipe -= more;
      consumed += more;
      tell = more > 0 && spaceIsAwaited;
      spaceIsAwaited &= !tell;
    }
    if (tell) {
      onFreeSpace.run();
    }
    return more;
  }

  /** Returns the number of bytes written to the process that it has not read. */
  public synchronized long inPipe() {
    return inPipe;
  }

  /** Returns the number of bytes that can be taken. */
  public synchronized int buffered() {
    return buffered;
  }

  /** Returns whether no bytes were taken since the buffer was last cleared. */
  public synchronized boolean isUntouched() {
    return untouched;
  }

  /** Zeroes the buffered bytes. */
  @Override
  public void clear() {
    boolean tell;
    synchronized (this) {
      Wipe.fill(ring);
      buffered = 0;
      untouched = true;
      tell = spaceIsAwaited;
      spaceIsAwaited = false;
    }
    if (tell) {
      onFreeSpace.run();
    }
  }
}
