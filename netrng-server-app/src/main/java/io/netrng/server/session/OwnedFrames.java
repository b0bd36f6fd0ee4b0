package io.netrng.server.session;

import io.netrng.server.source.Run;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

/**
 * The frames of a run for a channel, without a copy. It owns the run, and zeroes and releases it
 * with its last reference: once the bytes are in the socket, or encrypted. A client that does not
 * read would otherwise hold the plain bytes beside the encrypted ones.
 */
final class OwnedFrames extends UnpooledDirectByteBuf {

  private final Run run;
  private final ByteBuf frames;

  /** Takes over a run. */
  OwnedFrames(Run run) {
    this(run, run.frames());
  }

  private OwnedFrames(Run run, ByteBuf frames) {
    super(UnpooledByteBufAllocator.DEFAULT, frames.nioBuffer(), frames.readableBytes());
    this.run = run;
    this.frames = frames;
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    frames.release();
    run.release();
  }
}
