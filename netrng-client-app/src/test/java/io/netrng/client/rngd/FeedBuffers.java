// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import java.nio.ByteBuffer;

/** Buffers for the tests of those who fill them, with an rngd that takes all there is when told. */
public final class FeedBuffers {

  private FeedBuffers() {}

  /** One that an rngd is ready to be fed from. */
  public static FeedBuffer open(int capacity) {
    FeedBuffer feed = new FeedBuffer(ByteBuffer.allocateDirect(capacity));
    feed.open();
    return feed;
  }

  /** Takes what is there, at least one block, and gives it back. */
  public static ByteBuffer take(FeedBuffer feed) throws InterruptedException {
    long before = feed.fedBytes();
    ByteBuffer taken = ByteBuffer.allocateDirect(FeedBuffer.CAPACITY);
    feed.take(taken, 0);
    feed.taken(before + taken.remaining());
    return taken;
  }

  /** Ends its process. */
  public static void close(FeedBuffer feed) {
    feed.close();
  }

  /** Starts another one. */
  public static void reopen(FeedBuffer feed) {
    feed.open();
  }
}
