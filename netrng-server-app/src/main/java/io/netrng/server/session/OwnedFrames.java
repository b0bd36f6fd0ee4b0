// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.server.source.SampleBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

/**
 * The frames of a batch for a channel, without a copy. It owns the batch, and zeroes and releases
 * it with its last reference, once the bytes are in the socket or encrypted. Otherwise a client
 * that does not read would keep the plain bytes in memory beside the encrypted ones.
 */
final class OwnedFrames extends UnpooledDirectByteBuf {

  private final SampleBatch batch;
  private final ByteBuf frames;

  /** Takes ownership of a batch. */
  OwnedFrames(SampleBatch batch) {
    this(batch, batch.frames());
  }

  private OwnedFrames(SampleBatch batch, ByteBuf frames) {
    super(UnpooledByteBufAllocator.DEFAULT, frames.nioBuffer(), frames.readableBytes());
    this.batch = batch;
    this.frames = frames;
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    frames.release();
    batch.release();
  }
}
