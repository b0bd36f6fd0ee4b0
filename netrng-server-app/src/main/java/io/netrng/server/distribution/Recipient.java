package io.netrng.server.distribution;

import io.netrng.server.source.Run;

/** Whoever is given samples: a session. */
public interface Recipient {

  /**
   * Takes over a run. It is called inside the distribution's lock, in the order of the stream: it
   * may do no more than put the run into a queue.
   */
  void offer(Run run);

  /** There is something in the queue. It is called outside the lock, from any thread. */
  void wake();

  /**
   * Is to call {@link Membership#resume()} after a while, for the client has reached its ceiling,
   * or there is more to hand out than one call should. It is called outside the lock, from any
   * thread.
   */
  void resumeAfter(long nanos);
}
