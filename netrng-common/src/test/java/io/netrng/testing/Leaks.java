// SPDX-License-Identifier: Apache-2.0
package io.netrng.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The leaks that Netty's paranoid leak detector reports. */
public final class Leaks {

  private static final List<String> reported = new CopyOnWriteArrayList<>();

  private Leaks() {}

  /** Starts to record leaks. Call it before the first leak. */
  public static void watch() {
    ByteBufUtil.setLeakListener((type, records) -> reported.add(type + records));
  }

  /** Fails if a buffer has leaked so far. */
  public static void assertNone() {
    assertThat(reportedAfterCollection()).as("leaked buffers").isEmpty();
  }

  /** Returns the reports so far, including those after a garbage collection, and clears them. */
  static List<String> reportedAfterCollection() {
    collectGarbage();
    // The detector checks for collected buffers at each allocation.
    for (int i = 0; i < 8; i++) {
      PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    }
    List<String> found = List.copyOf(reported);
    reported.clear();
    return found;
  }

  @SuppressWarnings("System.gc") // The detector reports a leaked buffer after its collection.
  private static void collectGarbage() {
    WeakReference<Object> marker = new WeakReference<>(new Object());
    for (int i = 0; i < 100 && marker.get() != null; i++) {
      System.gc();
    }
  }
}
