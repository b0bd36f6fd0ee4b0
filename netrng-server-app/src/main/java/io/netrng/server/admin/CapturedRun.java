package io.netrng.server.admin;

import io.netrng.server.source.Run;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.function.Consumer;

/**
 * The entropy of a run in one buffer, without the frames' headers and without a copy. It owns the
 * run, and releases it when the last reference is gone: when it is written, or will never be.
 */
final class CapturedRun extends CompositeByteBuf {

  private final Run run;
  private final Consumer<Run> onRelease;

  /**
   * Takes over a run.
   *
   * @param length bytes of its entropy that are readable, at most all
   * @param onRelease is told once the run is released
   */
  CapturedRun(Run run, int length, Consumer<Run> onRelease) {
    super(UnpooledByteBufAllocator.DEFAULT, true, run.samples() + 1);
    this.run = run;
    this.onRelease = onRelease;
    for (int i = 0; readableBytes() < length; i++) {
      ByteBuf entropy = run.entropy(i);
      int readable = Math.min(entropy.readableBytes(), length - readableBytes());
      addComponent(true, entropy.writerIndex(readable));
    }
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    run.release();
    onRelease.accept(run);
  }
}
