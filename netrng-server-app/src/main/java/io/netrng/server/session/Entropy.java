// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.server.source.SampleBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;

/**
 * The entropy of one batch for a client that receives bytes instead of samples. Its parts are taken
 * in the order of the stream, on one thread. Each part zeroes itself with its last reference, on
 * any thread. The batch is released with the last part.
 */
final class Entropy extends UnpooledDirectByteBuf {

  private final SampleBatch batch;
  private final ByteBuf bytes;
  private final Runnable onRelease;

  /**
   * Takes ownership of a batch.
   *
   * @param onRelease runs on any thread once the batch is released
   */
  Entropy(SampleBatch batch, Runnable onRelease) {
    this(batch, batch.pack(), onRelease);
  }

  private Entropy(SampleBatch batch, ByteBuf bytes, Runnable onRelease) {
    super(UnpooledByteBufAllocator.DEFAULT, bytes.nioBuffer(), bytes.readableBytes());
    this.batch = batch;
    this.bytes = bytes;
    this.onRelease = onRelease;
  }

  /**
   * Takes the next bytes.
   *
   * @param count from 1 to the number of readable bytes
   */
  Part take(int count) {
    Part part = new Part(this, readerIndex(), count);
    skipBytes(count);
    return part;
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    bytes.release();
    batch.release();
    onRelease.run();
  }

  /** Consecutive bytes of the stream. */
  static final class Part extends UnpooledDirectByteBuf {

    private final Entropy whole;
    private final long offset;
    private final ByteBuffer memory;

    private Part(Entropy whole, int from, int size) {
      this(whole, from, whole.nioBuffer(from, size));
    }

    private Part(Entropy whole, int from, ByteBuffer memory) {
      super(UnpooledByteBufAllocator.DEFAULT, memory, memory.remaining());
      this.whole = whole;
      this.memory = memory;
      offset = whole.batch.offset() + from;
      whole.retain();
    }

    /** The position of the first byte in the released stream. */
    long offset() {
      return offset;
    }

    /** The number of bytes. */
    int size() {
      return memory.capacity();
    }

    @Override
    protected void deallocate() {
      super.deallocate();
      SampleBatch.zero(memory);
      whole.release();
    }
  }
}
