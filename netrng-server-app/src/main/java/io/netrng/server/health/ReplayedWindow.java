package io.netrng.server.health;

import static io.netrng.server.health.HealthTests.WINDOW_SIZE;

import java.nio.ByteBuffer;

/**
 * A guard: no window of a device equals one of the last 4,096 of any device, as far as their
 * digests tell. By chance one does so with a probability of 2^−52 for each device. Only what is
 * repeated at a distance of whole windows is seen.
 */
final class ReplayedWindow {

  /** How many windows of each device are remembered. */
  static final int REMEMBERED = 4_096;

  private static final int SLOTS = 2 * REMEMBERED;

  private final ReplayMemory memory;

  /** The digest of window n is at n modulo the size. */
  private final long[] digests = new long[REMEMBERED];

  /** The last window before it whose digest has the same slot; too old a one ends the chain. */
  private final long[] before = new long[REMEMBERED];

  /** The last window whose digest has this slot. */
  private final long[] latest = new long[SLOTS];

  /** The number of the next window; 0 is too old from the beginning. */
  private long next = REMEMBERED + 1L;

  ReplayedWindow(ReplayMemory memory) {
    this.memory = memory;
  }

  /** Tests the next window, which begins at an index of the buffer, and remembers it. */
  boolean passes(ByteBuffer bytes, int from) {
    return memory.isNew(this, memory.digest().of(bytes, from, WINDOW_SIZE));
  }

  /**
   * Remembers the next window.
   *
   * @return whether the device itself does not have it among its last windows
   */
  boolean add(long ofWindow) {
    boolean fresh = !contains(ofWindow);
    int slot = slot(ofWindow);
    int place = (int) (next % REMEMBERED);
    digests[place] = ofWindow;
    before[place] = latest[slot];
    latest[slot] = next++;
    return fresh;
  }

  /** Whether the device has this window among its last. */
  boolean contains(long ofWindow) {
    long n = latest[slot(ofWindow)];
    while (n >= next - REMEMBERED) {
      int place = (int) (n % REMEMBERED);
      if (digests[place] == ofWindow) {
        return true;
      }
      n = before[place];
    }
    return false;
  }

  private static int slot(long ofWindow) {
    return (int) (ofWindow >>> 32) & (SLOTS - 1);
  }
}
