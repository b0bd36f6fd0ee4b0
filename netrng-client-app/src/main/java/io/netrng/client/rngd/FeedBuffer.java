package io.netrng.client.rngd;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Where entropy waits for {@code rngd}: a ring outside the heap, zeroed while it is emptied. Its
 * {@link #freeSpace()} counts what {@code rngd} has been handed and has not read as still here, so
 * demand that follows it follows what {@code rngd} really takes, and ends when there is none.
 *
 * <pre>
 *   offer -> | buffered | -> take -> | pipe | -> taken
 *            |&lt;- free space is what these leave ->|
 * </pre>
 */
public final class FeedBuffer {

  /** Some samples of the largest size, and enough for megabytes a second. */
  static final int CAPACITY = 256 * 1024;

  private final ByteBuffer ring;
  private int head;
  private int buffered;
  private boolean open;
  private long inPipe;
  private long takenOfProcess;
  private long fed;
  private long consumed;
  private boolean spaceIsAwaited;
  private volatile Runnable onFreeSpace = () -> {};

  FeedBuffer(ByteBuffer ring) {
    this.ring = ring;
  }

  /** How many bytes more there is a use for. */
  public synchronized long freeSpace() {
    return open ? ring.capacity() - buffered - inPipe : 0;
  }

  /** How many bytes are here or in the pipe. */
  public synchronized long waiting() {
    return buffered + inPipe;
  }

  /**
   * How many bytes more there is a use for.
   *
   * @param mostWaiting the most that may be here or in the pipe, in bytes
   */
  public synchronized long freeSpace(long mostWaiting) {
    return Math.min(freeSpace(), mostWaiting - waiting());
  }

  /**
   * Whether so many bytes fit; if not, the listener is called once when they may fit.
   *
   * @param mostWaiting the most that may be here or in the pipe, in bytes
   */
  public synchronized boolean fitsOrNotifies(long bytes, long mostWaiting) {
    spaceIsAwaited = bytes > freeSpace(mostWaiting);
    return !spaceIsAwaited;
  }

  /** Sets what is called, by any thread, when the requested space may be free. */
  public void onFreeSpace(Runnable listener) {
    onFreeSpace = listener;
  }

  /**
   * Takes a copy of a sample; the caller zeroes its own.
   *
   * @throws IllegalStateException if it does not fit, which asking for no more than {@link
   *     #freeSpace()} rules out
   */
  public synchronized void offer(ByteBuf sample) {
    int size = sample.readableBytes();
    if (size > ring.capacity() - buffered) {
      throw new IllegalStateException(size + " bytes do not fit");
    }
    int tail = (head + buffered) % ring.capacity();
    int first = Math.min(size, ring.capacity() - tail);
    sample.getBytes(sample.readerIndex(), ring.slice(tail, first));
    sample.getBytes(sample.readerIndex() + first, ring.slice(0, size - first));
    buffered += size;
    notifyAll();
  }

  /** The bytes that all processes were handed so far. */
  public synchronized long fedBytes() {
    return fed;
  }

  /** The bytes that all processes took so far. */
  public synchronized long consumedBytes() {
    return consumed;
  }

  /** A process is ready to be fed. */
  void open() {
    synchronized (this) {
      open = true;
      takenOfProcess = 0;
    }
    onFreeSpace.run();
  }

  /** The process is gone, and so is what it was handed and did not take. */
  synchronized void close() {
    open = false;
    inPipe = 0;
  }

  /**
   * Waits for a preamble and a block, then moves the preamble and as many whole blocks as there are
   * and fit. From now on these bytes are the process's: they never come back.
   *
   * @param target cleared, outside the heap; flipped on return
   * @param preamble bytes that go before the first block
   */
  synchronized void take(ByteBuffer target, int preamble) throws InterruptedException {
    while (buffered < preamble + RngdFamily.BLOCK) {
      wait();
    }
    int most = Math.min(buffered, target.remaining()) - preamble;
    int size = preamble + most / RngdFamily.BLOCK * RngdFamily.BLOCK;
    int first = Math.min(size, ring.capacity() - head);
    move(ring.slice(head, first), target);
    move(ring.slice(0, size - first), target);
    target.flip();
    head = (head + size) % ring.capacity();
    buffered -= size;
    inPipe += size;
    fed += size;
  }

  private static void move(ByteBuffer from, ByteBuffer to) {
    to.put(from);
    Wipe.fill(from);
  }

  /**
   * The process has taken that much since {@link #open()}. More than it was handed is not believed:
   * some families read a few bytes of other files.
   *
   * @return how many of them are new
   */
  long taken(long ofProcess) {
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

  /** Bytes that the process was handed and has not taken. */
  synchronized long inPipe() {
    return inPipe;
  }

  /** Destroys what waits. */
  synchronized void clear() {
    Wipe.fill(ring);
    buffered = 0;
  }
}
