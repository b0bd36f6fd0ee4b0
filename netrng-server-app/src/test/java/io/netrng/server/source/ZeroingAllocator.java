// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/** An allocator that keeps its buffers, to verify that each was zeroed and released. */
final class ZeroingAllocator extends PooledByteBufAllocator {

  private final List<ByteBuf> buffers = new ArrayList<>();

  ZeroingAllocator() {
    super(true);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    ByteBuf buffer = super.newDirectBuffer(initialCapacity, maxCapacity);
    buffer.setZero(0, buffer.capacity());
    buffers.add(buffer.retain());
    return buffer;
  }

  /** Frees all buffers, which must be zeroed and without another owner. */
  void assertAllZeroed() {
    for (ByteBuf buffer : buffers) {
      assertThat(buffer.refCnt()).as("owners of a buffer").isEqualTo(1);
      int bytes = buffer.forEachByte(0, buffer.capacity(), b -> b == 0);
      assertThat(bytes).as("index of a byte that is not zero").isEqualTo(-1);
      buffer.release();
    }
    assertThat(buffers).isNotEmpty();
    buffers.clear();
  }
}
