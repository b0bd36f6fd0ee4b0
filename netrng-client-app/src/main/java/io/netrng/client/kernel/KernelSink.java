// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.LongestWait;
import io.netrng.client.sink.Sink;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.sink.SinkThread;
import io.netrng.client.sink.Wipe;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds the kernel through its own interface, and makes its generator use the bytes at once. One
 * thread performs all tasks in order.
 *
 * <pre>
 *            start              the kernel refuses
 *   Stopped -------&gt; Feeding ----------------------&gt; Failed
 *      ^                |  ^                            |
 *      |      stop      |  +-----------------------------+
 *      +----------------+     after a pause that doubles
 * </pre>
 *
 * The first bytes of a session are fed when they arrive. Then a part of the buffer is fed at each
 * interval, so that the bytes of one sample last until the next one, and a clone of this machine
 * differs soon. If more arrives than is fed so, it is fed at once. How long the first sample must
 * last is not known yet, so it is fed in the least pieces.
 */
public final class KernelSink implements Sink {

  private static final Logger log = LoggerFactory.getLogger(KernelSink.class);

  /** The seed of the kernel's generator, in bits (crng_init of drivers/char/random.c). */
  private static final int SEED_BITS = 256;

  private static final int LEAST = SinkKind.KERNEL.piece();
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final int MOST_DOUBLINGS = 6;

  private final Pool.Opener opener;
  private final FeedBuffer feed;
  private final Settings settings;
  private final SeedMarker marker;
  private final SinkThread thread;
  private final ContinuousTest test = new ContinuousTest();
  private final AtomicBoolean isFeedingRequested = new AtomicBoolean();
  private final LongestWait longestWait = new LongestWait(System.nanoTime());
  private final LongAdder fedBytes = new LongAdder();
  private final LongAdder creditedBits = new LongAdder();
  private final LongAdder reseeds = new LongAdder();
  private final LongAdder testFailures = new LongAdder();
  private final LongAdder failures = new LongAdder();

  /** Whether a wait between two samples was measured. */
  private volatile boolean isWaitKnown;

  private volatile boolean hasArrived;
  private volatile KernelState state = new KernelState.Stopped();
  private volatile @Nullable Long takenAt;

  private @Nullable Pool pool;
  private long fedToPool;
  private boolean isReseedDue;
  private int failuresInRow;

  /**
   * The settings.
   *
   * @param creditBitsPerByte the entropy that the kernel counts for each byte, in bits
   * @param mayReseed whether this process may reseed the kernel's generator
   * @param interval of feeding and reseeding
   */
  record Settings(int creditBitsPerByte, boolean mayReseed, Duration interval) {}

  KernelSink(Pool.Opener opener, FeedBuffer feed, Settings settings, SeedMarker marker) {
    this.opener = opener;
    this.feed = feed;
    this.settings = settings;
    this.marker = marker;
    thread = new SinkThread("kernel", this::onFault);
  }

  /** Returns the current state. */
  public KernelState state() {
    return state;
  }

  /** Returns the entropy that the kernel counts for each byte, in bits. */
  public int creditBitsPerByte() {
    return settings.creditBitsPerByte();
  }

  /** Returns the number of bytes that the kernel has received so far. */
  public long fedBytes() {
    return fedBytes.sum();
  }

  /** Returns the entropy that the kernel has counted so far, in bits. */
  public long creditedBits() {
    return creditedBits.sum();
  }

  /** Returns how often the kernel's generator was reseeded. */
  public long reseeds() {
    return reseeds.sum();
  }

  /** Returns how many pieces were discarded because they failed a health test. */
  public long testFailures() {
    return testFailures.sum();
  }

  /** Returns how often the kernel has refused the bytes. */
  public long failures() {
    return failures.sum();
  }

  @Override
  public Optional<Duration> sinceTaken() {
    return Optional.ofNullable(takenAt).map(at -> Duration.ofNanos(System.nanoTime() - at));
  }

  @Override
  public Duration longestWait() {
    return longestWait.duration();
  }

  @Override
  public Executor thread() {
    return thread.executor();
  }

  @Override
  public void start() {
    feed.onOffer(this::arrived);
    thread.start(this::open);
  }

  /** Called by the thread of the stream. */
  private void arrived() {
    longestWait.end(System.nanoTime());
    isWaitKnown = hasArrived;
    hasArrived = true;
    boolean isMuch = feed.buffered() >= KernelPool.SIZE;
    if ((feed.isUntouched() || isMuch) && !isFeedingRequested.getAndSet(true)) {
      thread.execute(() -> {
        isFeedingRequested.set(false);
        feedAtOnce();
      });
    }
  }

  private void open() {
    try {
      pool = opener.open();
    } catch (IOException e) {
      fail(e);
      return;
    }
    log.atInfo()
        .addKeyValue("credit-bits-per-byte", settings.creditBitsPerByte())
        .addKeyValue("reseed-interval-ms", settings.interval().toMillis())
        .log("feeding the kernel");
    state = new KernelState.Feeding();
    feed.open();
    thread.again(this::feedPart, settings.interval());
  }

  /** Feeds the first bytes of a session, or all while there is much. */
  private void feedAtOnce() {
    int first = firstPiece();
    if (feed.isUntouched() && feed.buffered() >= first) {
      take(first);
      reseed();
    }
    while (pool != null && feed.buffered() >= KernelPool.SIZE) {
      take(KernelPool.SIZE);
    }
  }

  /** Returns the bytes that suffice for a seed. */
  private int firstPiece() {
    int bits = settings.creditBitsPerByte();
    return bits == 0 ? LEAST : Math.ceilDiv(SEED_BITS, bits);
  }

  /** Feeds the part of the buffer that is due in one interval. */
  private void feedPart() {
    int buffered = feed.buffered();
    if (buffered >= LEAST) {
      int part = isWaitKnown ? Math.clamp(partUntilNext(buffered), LEAST, KernelPool.SIZE) : LEAST;
      // No rest that is too short to be fed.
      take(buffered - part < LEAST ? buffered : part);
    }
    reseed();
    if (pool != null) {
      thread.again(this::feedPart, settings.interval());
    }
  }

  /** Returns the part with which the bytes last until the next sample. */
  private long partUntilNext(int buffered) {
    long intervals = Math.max(1, longestWait.duration().dividedBy(settings.interval()));
    return Math.ceilDiv(buffered, intervals);
  }

  private void take(int size) {
    Pool open = pool;
    if (open == null) {
      return;
    }
    feed.takeAvailable(open.bytes().clear().limit(Math.min(size, KernelPool.SIZE)));
    int taken = open.bytes().limit();
    if (taken == 0) {
      // Another thread has cleared the buffer meanwhile.
      return;
    }
    fedToPool += taken;
    try {
      if (test.passes(open.bytes())) {
        add(open, taken);
      } else {
        discard(open);
      }
      feed.taken(fedToPool);
    } catch (IOException e) {
      fail(e);
    }
  }

  private void add(Pool open, int size) throws IOException {
    int bits = size * settings.creditBitsPerByte();
    if (bits > 0) {
      open.add(bits);
      creditedBits.add(bits);
    } else {
      open.mix();
    }
    fedBytes.add(size);
    takenAt = System.nanoTime();
    isReseedDue = settings.mayReseed();
    failuresInRow = 0;
  }

  private void discard(Pool open) {
    Wipe.fill(open.bytes());
    testFailures.increment();
    log.atWarn()
        .addKeyValue("size", open.bytes().limit())
        .log("bytes failed a health test of the client and were discarded");
  }

  private void reseed() {
    if (pool == null || !isReseedDue) {
      return;
    }
    try {
      // A generator that has no seed yet is seeded by credit alone.
      if (pool.reseed()) {
        reseeds.increment();
        if (creditedBits.sum() >= SEED_BITS) {
          marker.set();
        }
      }
      isReseedDue = false;
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(Exception e) {
    failures.increment();
    failuresInRow++;
    close();
    Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(failuresInRow - 1, MOST_DOUBLINGS));
    Duration pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    String detail = Objects.requireNonNullElse(e.getMessage(), e.toString());
    state = new KernelState.Failed(detail, Instant.now().plus(pause));
    log.atWarn()
        .addKeyValue("detail", detail)
        .addKeyValue("retry-after-ms", pause.toMillis())
        .log("the kernel refuses entropy");
    thread.again(this::open, pause);
  }

  private void close() {
    feed.close();
    fedToPool = 0;
    test.restart();
    if (pool != null) {
      pool.close();
      pool = null;
    }
  }

  private void onFault(RuntimeException e) {
    log.atError().setCause(e).log("feeding the kernel failed unexpectedly");
    fail(e);
  }

  @Override
  public void stop(Runnable callback) {
    thread.stop(this::end, callback);
  }

  private void end() {
    close();
    feed.clear();
    state = new KernelState.Stopped();
    log.atInfo().log("feeding the kernel stopped");
  }

  /** Required by SmartLifecycle; Spring calls {@link #stop(Runnable)}. */
  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public boolean isRunning() {
    return thread.isRunning();
  }
}
