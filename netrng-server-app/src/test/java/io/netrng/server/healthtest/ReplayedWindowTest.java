// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayedWindowTest {

  private static final int REMEMBERED = ReplayedWindow.REMEMBERED;

  /** A reference implementation of the replay memory. */
  private final Deque<Long> last = new ArrayDeque<>();

  private final Map<Long, Integer> counts = new HashMap<>();

  private boolean isNew(long digest) {
    boolean fresh = !counts.containsKey(digest);
    last.add(digest);
    counts.merge(digest, 1, Integer::sum);
    if (last.size() > REMEMBERED) {
      counts.computeIfPresent(last.remove(), (_, count) -> count == 1 ? null : count - 1);
    }
    return fresh;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8_192})
  void remembersExactlyTheLastWindowsDespiteSlotCollisions(int slots) {
    ReplayedWindow windows = new ReplayMemory(1).addDevice();
    Random random = new Random(1);
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 3 * REMEMBERED; i++) {
      // One window in four repeats an earlier one, close to the limit of the memory on either side.
      int distance = REMEMBERED + random.nextInt(-2, 3);
      long digest =
          random.nextInt(4) == 0 && i >= distance
              ? all.get(i - distance)
              : ((long) random.nextInt(slots) << 32) | (i + 1L);
      all.add(digest);

      assertThat(windows.contains(digest)).isEqualTo(counts.containsKey(digest));
      assertThat(windows.add(digest)).isEqualTo(isNew(digest));
    }
  }
}
