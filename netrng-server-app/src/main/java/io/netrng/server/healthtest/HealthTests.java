// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The entry point of this package: the health tests of one device, over all its bytes in order,
 * independent of the sizes of reads. Used by one thread. A window that is split between reads is
 * assembled in off-heap memory, and wiped.
 *
 * <p>A byte is a sample as defined by the standard.
 */
public final class HealthTests {

  /** The size of a window, in bytes (SP 800-90B 4.4.2). */
  public static final int WINDOW_SIZE = 512;

  /** The number of bytes that are tested before the first is used (SP 800-90B 4.3). */
  public static final int START_UP_SIZE = 1_024;

  /** After this number of bytes, all windows in the memory are newer ones. */
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
   * Creates the tests of the only device.
   *
   * @param key a random number, so that a window's digest reveals nothing about it
   */
  public HealthTests(Cutoffs cutoffs, long key) {
    this(cutoffs, new ReplayMemory(key));
  }

  /**
   * Creates the tests of one of several devices.
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
   * @param length the number of bytes
   * @return the test that failed, after which the caller must call {@link #restart}; null if all
   *     passed
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
   * @return {@link HealthTest#REPEATED_READ} if it returned the same bytes as the read before it,
   *     else null
   */
  public @Nullable HealthTest endRead() {
    countedOfRead = false;
    return repeatedRead.endsDifferent() ? null : HealthTest.REPEATED_READ;
  }

  /** The statistics of the bytes in large numbers. May be called from any thread. */
  public EntropyEstimate figures() {
    return counts.figures();
  }

  /** The number of windows that have passed since the start or the last restart. */
  public long windows() {
    return windows;
  }

  /**
   * Restarts after a failure or a gap, at the first byte of a window. Earlier windows are
   * remembered only to detect replays.
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
    // One window of each read: of a slow device that is every window, and of a fast one the cost is
    // negligible.
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
