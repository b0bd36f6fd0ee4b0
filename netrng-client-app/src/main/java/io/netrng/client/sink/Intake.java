// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import io.netty.buffer.ByteBuf;

/** Receives the samples of one stream, and limits its demand. */
public interface Intake {

  /**
   * Returns how many more bytes can be used.
   *
   * @param mostWaiting the maximum on the way to the sink, in bytes
   * @param sampleSize of the session, in bytes
   */
  long freeSpace(long mostWaiting, long sampleSize);

  /**
   * Returns whether the bytes fit. If they do not fit, the stream is notified when they may fit.
   *
   * @param mostWaiting the maximum on the way to the sink, in bytes
   * @param sampleSize of the session, in bytes
   */
  boolean fitsOrNotifies(long bytes, long mostWaiting, long sampleSize);

  /** Sets the listener, which any thread calls when the requested space may be free. */
  void onFreeSpace(Runnable listener);

  /** A server has admitted the client: the samples of a new session follow. */
  default void begin() {}

  /** The session has ended. */
  default void end() {}

  /**
   * Continues without this stream until its next sample, because its server owes samples, if others
   * deliver.
   *
   * @return whether this has changed anything
   */
  default boolean drop() {
    return false;
  }

  /** Returns whether bytes can be offered, also if they were not requested for the sink. */
  boolean hasMemoryFor(int bytes);

  /** Copies a sample; the caller zeroes its own copy. */
  void offer(ByteBuf sample);

  /** Zeroes all bytes on the way to the sink, because they are not of the present session. */
  void clear();
}
