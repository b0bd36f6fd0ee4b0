// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.source.SampleBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.function.Consumer;

/**
 * The entropy of a batch in one buffer, without the frames' headers and without a copy. It owns the
 * batch. It releases the batch with its last reference, after the write or after its cancellation.
 */
final class CapturedBatch extends CompositeByteBuf {

  private final SampleBatch batch;
  private final Consumer<SampleBatch> onRelease;

  /**
   * Takes ownership of a batch.
   *
   * @param length readable bytes of its entropy, at most all
   * @param onRelease runs after the batch is released
   */
  CapturedBatch(SampleBatch batch, int length, Consumer<SampleBatch> onRelease) {
    super(UnpooledByteBufAllocator.DEFAULT, true, batch.samples() + 1);
    this.batch = batch;
    this.onRelease = onRelease;
    for (int i = 0; readableBytes() < length; i++) {
      ByteBuf entropy = batch.entropy(i);
      int readable = Math.min(entropy.readableBytes(), length - readableBytes());
      addComponent(true, entropy.writerIndex(readable));
    }
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    batch.release();
    onRelease.accept(batch);
  }
}
