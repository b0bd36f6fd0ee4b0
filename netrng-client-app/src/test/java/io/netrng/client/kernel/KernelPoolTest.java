// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The kernel of this machine. Without credit, it takes bytes from every user. */
class KernelPoolTest {

  @Test
  void mixesBytesInAndZeroesThem() throws IOException {
    try (KernelPool pool = KernelPool.open()) {
      // given
      ByteBuffer bytes = pool.bytes().clear().limit(100);
      for (int i = 0; i < bytes.limit(); i++) {
        bytes.put(i, (byte) 1);
      }

      // when
      pool.mix();

      // then
      assertThat(bytes.hasRemaining()).as("bytes that were not taken").isFalse();
      for (int i = 0; i < bytes.limit(); i++) {
        assertThat(bytes.get(i)).isZero();
      }
    }
  }
}
