package io.netrng.server.healthtest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The door of this package: the health tests of one device, over all its bytes in their order,
 * however they are cut. Used by one thread. A window that does not lie in one piece is put together
 * off the heap, and wiped.
 *
 * <p>A byte is a sample in the standard's sense.
 */
public final class HealthTests {

  /** The bytes of a window (SP 800-90B 4.4.2). */
  public static final int WINDOW_SIZE = 512;

  /** The bytes that are tested before the first may be used (SP 800-90B 4.3). */
  public static final int START_UP_SIZE = 1_024;

  /** After so many bytes there is nothing left that a window is compared with. */
  public static final long MEMORY_SIZE = (long) ReplayedWindow.REMEMBERED * WINDOW_SIZE;

  private final RepetitionCount repetitionCount;
  private final AdaptiveProportion adaptiveProportion;
  private final StuckBit stuckBit;
  private final ReplayedWindow replayedWindow;
  private final RepeatedRead repeatedRead;
  private final ByteBuffer pieces =
      ByteBuffer.allocateDirect(WINDOW_SIZE).order(ByteOrder.nativeOrder());
  private final ByteCounts counts = new ByteCounts();
  private int held;
  private long windows;
  private boolean countedOfRead;

  /**
   * Makes tests of the only device, which have seen nothing.
   *
   * @param key a random number, so that what is remembered of a window tells nothing about it
   */
  public HealthTests(Cutoffs cutoffs, long key) {
    this(cutoffs, new ReplayMemory(key));
  }

  /**
   * Makes tests of one of several devices, which have seen nothing.
   *
   * @param memory is shared by the tests of all devices
   */
  public HealthTests(Cutoffs cutoffs, ReplayMemory memory) {
    repetitionCount = new RepetitionCount(cutoffs.repetition());
    adaptiveProportion = new AdaptiveProportion(cutoffs.proportion());
    stuckBit = new StuckBit(cutoffs.stuckBit());
    replayedWindow = memory.addDevice();
    repeatedRead = new RepeatedRead(cutoffs.repeatedRead(), memory.digest());
  }

  /**
   * Tests the next bytes of a read, as far as they complete windows.
   *
   * @param bytes off-heap memory in the machine's byte order
   * @param from the index of the first byte
   * @param length how many bytes there are
   * @return the test that failed, after which {@link #restart} is due; null if none did
   */
  public @Nullable HealthTest test(ByteBuffer bytes, int from, int length) {
    if (bytes.order() != pieces.order()) {
      throw new IllegalArgumentException("the byte order is not the machine's");
    }
    repeatedRead.add(bytes, from, length);
    int end = from + length;
    int next = from;
    HealthTest failed = null;
    while (next < end && failed == null) {
      if (held == 0 && end - next >= WINDOW_SIZE) {
        failed = testWindow(bytes, next);
        next += WINDOW_SIZE;
      } else {
        int size = Math.min(WINDOW_SIZE - held, end - next);
        failed = testPiece(bytes, next, size);
        next += size;
      }
    }
    return failed;
  }

  /**
   * Ends a read.
   *
   * @return {@link HealthTest#REPEATED_READ} if it gave what the one before it gave, else null
   */
  public @Nullable HealthTest endRead() {
    countedOfRead = false;
    return repeatedRead.endsDifferent() ? null : HealthTest.REPEATED_READ;
  }

  /** What the bytes look like in large numbers. May be asked for by any thread. */
  public EntropyEstimate figures() {
    return counts.figures();
  }

  /** How many windows have passed since the start or the last restart. */
  public long windows() {
    return windows;
  }

  /**
   * Restarts behind a failure or a gap, at a window's first byte. What went before is remembered
   * only so far as nothing may repeat it.
   */
  public void restart() {
    repetitionCount.restart();
    repeatedRead.restart();
    countedOfRead = false;
    wipe();
    windows = 0;
  }

  private @Nullable HealthTest testPiece(ByteBuffer bytes, int from, int size) {
    pieces.put(held, bytes, from, size);
    held += size;
    if (held < WINDOW_SIZE) {
      return null;
    }
    HealthTest failed = testWindow(pieces, 0);
    wipe();
    return failed;
  }

  private @Nullable HealthTest testWindow(ByteBuffer bytes, int from) {
    if (!repetitionCount.passes(bytes, from)) {
      return HealthTest.REPETITION_COUNT;
    }
    if (!adaptiveProportion.passes(bytes, from)) {
      return HealthTest.ADAPTIVE_PROPORTION;
    }
    if (!stuckBit.passes(bytes, from)) {
      return HealthTest.STUCK_BIT;
    }
    if (!replayedWindow.passes(bytes, from)) {
      return HealthTest.REPLAYED_WINDOW;
    }
    windows++;
    // One of each read: of a slow device that is every window, of a fast one no work to speak of.
    if (!countedOfRead) {
      counts.add(bytes, from, WINDOW_SIZE);
      countedOfRead = true;
    }
    return null;
  }

  private void wipe() {
    ByteLanes.wipe(pieces);
    held = 0;
  }
}
