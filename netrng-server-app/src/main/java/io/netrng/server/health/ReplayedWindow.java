package io.netrng.server.health;

import static io.netrng.server.health.HealthTests.WINDOW_SIZE;

import java.nio.ByteBuffer;

/**
 * A guard: no window equals one of the last 4,096, as far as their digests tell. By chance one does
 * so with a probability of 2^−52. Only what is repeated at a distance of whole windows is seen.
 */
final class ReplayedWindow {

  /** How many windows are remembered. */
  static final int REMEMBERED = 4_096;

  private static final int SLOTS = 2 * REMEMBERED;

  private final Digest digest;

  /** The digest of window n is at n modulo the size. */
  private final long[] digests = new long[REMEMBERED];

  /** The last window before it whose digest has the same slot; too old a one ends the chain. */
  private final long[] before = new long[REMEMBERED];

  /** The last window whose digest has this slot. */
  private final long[] latest = new long[SLOTS];

  /** The number of the next window; 0 is too old from the beginning. */
  private long next = REMEMBERED + 1L;

  ReplayedWindow(Digest digest) {
    this.digest = digest;
  }

  /** Tests the next window, which begins at an index of the buffer, and remembers it. */
  boolean passes(ByteBuffer bytes, int from) {
    long ofWindow = digest.of(bytes, from, WINDOW_SIZE);
    int slot = (int) (ofWindow >>> 32) & (SLOTS - 1);
    boolean fresh = !isRemembered(ofWindow, slot);
    int place = (int) (next % REMEMBERED);
    digests[place] = ofWindow;
    before[place] = latest[slot];
    latest[slot] = next++;
    return fresh;
  }

  private boolean isRemembered(long ofWindow, int slot) {
    long n = latest[slot];
    while (n >= next - REMEMBERED) {
      int place = (int) (n % REMEMBERED);
      if (digests[place] == ofWindow) {
        return true;
      }
      n = before[place];
    }
    return false;
  }
}
