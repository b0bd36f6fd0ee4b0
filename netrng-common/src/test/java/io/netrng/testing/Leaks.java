// SPDX-License-Identifier: Apache-2.0
package io.netrng.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Buffers that Netty's paranoid leak detector saw being lost. */
public final class Leaks {

  private static final List<String> reported = new CopyOnWriteArrayList<>();

  private Leaks() {}

  /** Begins to listen; to be called before the first buffer is lost. */
  public static void watch() {
    ByteBufUtil.setLeakListener((type, records) -> reported.add(type + records));
  }

  /** Fails if a buffer has been lost so far. */
  public static void assertNone() {
    assertThat(reportedAfterCollection()).as("buffers that were lost").isEmpty();
  }

  /** What was reported so far, with all that the collector can find now; forgets it. */
  static List<String> reportedAfterCollection() {
    collectGarbage();
    // The detector looks at what the collector has found whenever a buffer is allocated.
    for (int i = 0; i < 8; i++) {
      PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    }
    List<String> found = List.copyOf(reported);
    reported.clear();
    return found;
  }

  @SuppressWarnings("System.gc") // A lost buffer is seen when it is collected.
  private static void collectGarbage() {
    WeakReference<Object> marker = new WeakReference<>(new Object());
    for (int i = 0; i < 100 && marker.get() != null; i++) {
      System.gc();
    }
  }
}
