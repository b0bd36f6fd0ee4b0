// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import java.nio.ByteBuffer;

/** Buffers for tests that write to them. On request, an rngd consumes the whole content. */
public final class FeedBuffers {

  private FeedBuffers() {}

  /** Returns a buffer from which an rngd can be fed. */
  public static FeedBuffer open(int capacity) {
    FeedBuffer feed = new FeedBuffer(ByteBuffer.allocateDirect(capacity));
    feed.open();
    return feed;
  }

  /** Takes the content, at least one block, and returns the memory to the buffer. */
  public static ByteBuffer take(FeedBuffer feed) throws InterruptedException {
    long before = feed.fedBytes();
    ByteBuffer taken = ByteBuffer.allocateDirect(FeedBuffer.CAPACITY);
    feed.take(taken, 2_500, 2_500);
    feed.taken(before + taken.remaining());
    return taken;
  }

  /** Ends the process of the buffer. */
  public static void close(FeedBuffer feed) {
    feed.close();
  }

  /** Starts another process for the buffer. */
  public static void reopen(FeedBuffer feed) {
    feed.open();
  }
}
