// SPDX-License-Identifier: Apache-2.0
package io.netrng.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks that the leak check finds a leak. */
class LeaksTest {

  @Test
  void reportsALeakedBuffer() {
    // given
    lose();

    // when
    List<String> reports = new ArrayList<>();
    await("the collector frees the leaked buffer")
        .until(() -> reports.addAll(Leaks.reportedAfterCollection()));

    // then
    assertThat(reports).singleElement().asString().contains("LeaksTest.lose");
  }

  private static void lose() {
    PooledByteBufAllocator.DEFAULT.directBuffer(32).writeByte(1);
  }
}
