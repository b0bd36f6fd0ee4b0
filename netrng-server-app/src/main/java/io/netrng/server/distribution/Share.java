package io.netrng.server.distribution;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What has one place in the fair queue: a client with a guarantee, or all best-effort clients
 * together, which take turns. Each of these alone, with a tiny weight, would break the promises:
 * its service would be long for its weight. Guarded by the distributor's lock.
 */
final class Share {

  private final FairQueue<Share> queue;
  private final FairQueue.Flow<Share> flow;
  private final Deque<Membership> waiting = new ArrayDeque<>(1);

  /**
   * Makes a share without clients.
   *
   * @param weight bytes per second, more than 0
   * @param length bytes of the shortest service
   */
  Share(FairQueue<Share> queue, double weight, long length) {
    this.queue = queue;
    flow = queue.newFlow(this, weight, length);
  }

  void setWeight(double weight) {
    queue.setWeight(flow, weight);
  }

  /**
   * The longest service that one of its clients may be given now, in bytes.
   *
   * @param clients how many take turns
   */
  long longestService(int clients) {
    return queue.longestService(flow, clients);
  }

  /** A client that does not wait yet wants service. */
  void add(Membership client) {
    waiting.add(client);
    queue.activate(flow);
  }

  /** A client that may be waiting wants no service any more. */
  void remove(Membership client) {
    waiting.remove(client);
    if (waiting.isEmpty()) {
      queue.deactivate(flow);
    }
  }

  /** Whose turn it is. */
  @Nullable Membership next() {
    return waiting.peek();
  }

  /**
   * The one whose turn it was is served, and this share was the first in the queue.
   *
   * @param length bytes it was given
   * @param wantsMore whether it goes to the end of the line
   */
  void served(long length, boolean wantsMore) {
    Membership client = waiting.remove();
    if (wantsMore) {
      waiting.add(client);
    }
    queue.serveHead(length, !waiting.isEmpty());
  }
}
