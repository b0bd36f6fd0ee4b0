// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static io.netrng.server.healthtest.HealthTests.WINDOW_SIZE;

import java.nio.ByteBuffer;

/**
 * A guard: fails if a window of a device has the same digest as one of the last 4,096 of any
 * device. By chance one does so with a probability of 2^−52 for each device. Only repetitions at a
 * distance of whole windows are detected.
 */
final class ReplayedWindow {

  /** The number of remembered windows of each device. */
  static final int REMEMBERED = 4_096;

  private static final int SLOTS = 2 * REMEMBERED;

  private final ReplayMemory memory;

  /** The digests of the last windows; the next one replaces the oldest. */
  private final long[] digests = new long[REMEMBERED];

  /** For each digest, the place of the one before it in the same slot. */
  private final short[] before = new short[REMEMBERED];

  /** For each slot, the place of its last digest. Small tables stay in the CPU cache. */
  private final short[] latest = new short[SLOTS];

  /** The place of the next digest. */
  private int next;

  /** The number of digests. */
  private int size;

  ReplayedWindow(ReplayMemory memory) {
    this.memory = memory;
  }

  /** Tests the next window, which begins at this index of the buffer, and remembers it. */
  boolean passes(ByteBuffer bytes, int from) {
    return memory.isNew(this, memory.digest().of(bytes, from, WINDOW_SIZE));
  }

  /**
   * Remembers the next window.
   *
   * @return whether the window is new among the device's own last windows
   */
  boolean add(long ofWindow) {
    boolean fresh = !contains(ofWindow);
    int slot = slot(ofWindow);
    digests[next] = ofWindow;
    before[next] = latest[slot];
    latest[slot] = (short) next;
    next = (next + 1) % REMEMBERED;
    size = Math.min(size + 1, REMEMBERED);
    return fresh;
  }

  /**
   * Whether the window is among the device's last ones. A chain leads from the last digest of a
   * slot to older ones. It ends at a place that a digest of another slot, or a newer one, has
   * overwritten.
   */
  boolean contains(long ofWindow) {
    int slot = slot(ofWindow);
    int place = latest[slot];
    int ageBefore = -1;
    int age = age(place);
    while (age > ageBefore && age < size && slot(digests[place]) == slot) {
      if (digests[place] == ofWindow) {
        return true;
      }
      place = before[place];
      ageBefore = age;
      age = age(place);
    }
    return false;
  }

  /** The number of digests that are newer than the one at this place. */
  private int age(int place) {
    return (next - 1 - place) & (REMEMBERED - 1);
  }

  private static int slot(long ofWindow) {
    return (int) (ofWindow >>> 32) & (SLOTS - 1);
  }
}
