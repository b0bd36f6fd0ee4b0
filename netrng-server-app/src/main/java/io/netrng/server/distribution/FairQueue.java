// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Start-time fair queueing: P. Goyal, H. M. Vin, H. Cheng, "Start-time Fair Queueing: A Scheduling
 * Algorithm for Integrated Services Packet Switching Networks", SIGCOMM 1996. A flow's weight is
 * its guaranteed rate. Each service of l bytes moves the flow from its start tag S to its finish
 * tag F = S + l / weight. The flow with the lowest start tag is next. Each flow receives at least
 * its weight in bytes per second, while the sum of the active weights does not exceed the source's
 * rate.
 *
 * <p>Virtual time is the start tag of the current service; it advances only with services, so this
 * class needs no clock. It is not thread-safe.
 *
 * <p>A service is at most as long as {@link #longestService}: a flow's share of the horizon, which
 * is an interval of virtual time. A tag is therefore ahead of virtual time by at most twice the
 * horizon or one shortest service, whichever is more. When the horizon falls to a half or less,
 * tags beyond it are reduced to it.
 *
 * @param <T> the subject of a flow
 */
public final class FairQueue<T> {

  /**
   * When virtual time reaches this value, it is subtracted from every tag. At this size a double
   * keeps differences of 15 ps, 1/250 of the shortest service of the heaviest flow. It is also the
   * longest service of the lightest flow, so that each service causes at most one rebase.
   */
  private static final double REBASE_AT = 1 << 16;

  private static final int FIRST_CAPACITY = 64;

  /** A horizon that fell by less than this factor does not change the tags. */
  private static final double TOLERATED_FALL = 2;

  private final long longest;
  private Flow<T>[] heap = newHeap(FIRST_CAPACITY);
  private int size;
  private double horizon = Double.POSITIVE_INFINITY;

  /** The farthest horizon since the tags were last reduced. */
  private double farthestHorizon = Double.POSITIVE_INFINITY;

  private double virtualTime;
  private double highestFinishTag;
  private long rebases;
  private long arrivals;

  /**
   * The place of one client in the queue.
   *
   * @param <T> the subject of the flow
   */
  public static final class Flow<T> {

    private static final int NOT_QUEUED = -1;

    private final T subject;
    private final long shortest;
    private double weight;
    private double startTag;
    private double finishTag;
    private long rebases;
    private long arrival;
    private int index = NOT_QUEUED;

    private Flow(T subject, double weight, long shortest) {
      this.subject = subject;
      this.weight = weight;
      this.shortest = shortest;
    }

    /** The subject of the flow. */
    public T subject() {
      return subject;
    }

    /** Whether the flow waits for service. */
    public boolean isActive() {
      return index != NOT_QUEUED;
    }

    private boolean isBefore(Flow<T> other) {
      return startTag < other.startTag || (startTag == other.startTag && arrival < other.arrival);
    }
  }

  /**
   * Creates an empty queue, without a horizon.
   *
   * @param longest bytes of the longest service of any flow
   */
  public FairQueue(long longest) {
    this.longest = longest;
  }

  /**
   * Creates the flow of a new session, which is not active yet. It starts one longest service after
   * virtual time. This is the maximum that a session can have received in advance, so that
   * reconnecting is no advantage.
   *
   * @param weight bytes per second, more than 0
   * @param shortest bytes of its shortest service
   */
  public Flow<T> newFlow(T subject, double weight, long shortest) {
    requireWeight(weight);
    Flow<T> flow = new Flow<>(subject, weight, shortest);
    flow.rebases = rebases;
    flow.finishTag = farthestTag(flow);
    return flow;
  }

  /**
   * Sets the weight of a flow. A larger weight reduces the flow's advance, as if it had been served
   * at the new weight.
   *
   * @param weight bytes per second, more than 0
   */
  public void setWeight(Flow<T> flow, double weight) {
    requireWeight(weight);
    double shrink = flow.weight / weight;
    flow.weight = weight;
    if (shrink >= 1) {
      return;
    }
    followRebases(flow);
    flow.finishTag = shrunk(flow.finishTag, shrink);
    if (flow.isActive()) {
      flow.startTag = shrunk(flow.startTag, shrink);
      siftUp(flow.index, flow);
    }
  }

  private double shrunk(double tag, double factor) {
    return tag > virtualTime ? virtualTime + (tag - virtualTime) * factor : tag;
  }

  /**
   * Sets the maximum distance in virtual time by which a service may advance a tag, and thereby the
   * length of a service. After a fall to a half or less, tags beyond the horizon are reduced. No
   * flow then waits long for a past service that exceeds its present share.
   *
   * @param virtualSeconds 0 makes each service the shortest, infinity the longest
   */
  public void setHorizon(double virtualSeconds) {
    horizon = virtualSeconds;
    if (horizon >= farthestHorizon) {
      farthestHorizon = horizon;
    } else if (horizon * TOLERATED_FALL <= farthestHorizon) {
      farthestHorizon = horizon;
      for (int i = 0; i < size; i++) {
        heap[i].startTag = Math.min(heap[i].startTag, farthestTag(heap[i]));
      }
      for (int i = size / 2 - 1; i >= 0; i--) {
        siftDown(i, heap[i]);
      }
    }
  }

  /** The longest service that the flow may receive now, in bytes. */
  public long longestService(Flow<T> flow) {
    return longestService(flow, 1);
  }

  /**
   * The longest service of one subject among several that take turns in one flow.
   *
   * @param turns the number of subjects, 1 or more
   * @return bytes
   */
  public long longestService(Flow<T> flow, int turns) {
    double share = horizon * flow.weight / turns;
    return Math.max(flow.shortest, (long) Math.min((double) longest, share));
  }

  private double farthestTag(Flow<T> flow) {
    return virtualTime + (double) longestService(flow) / flow.weight;
  }

  private static void requireWeight(double weight) {
    if (!(weight > 0)) {
      throw new IllegalArgumentException("a flow of weight " + weight);
    }
  }

  /** Adds a flow that waits for service. Idle time gives it no advantage. */
  public void activate(Flow<T> flow) {
    if (flow.isActive()) {
      return;
    }
    followRebases(flow);
    flow.startTag = Math.min(Math.max(virtualTime, flow.finishTag), farthestTag(flow));
    flow.arrival = arrivals++;
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    siftUp(size++, flow);
  }

  /** Removes a flow that no longer waits for service. */
  public void deactivate(Flow<T> flow) {
    if (flow.isActive()) {
      remove(flow);
    }
  }

  /** The next flow, or null if none is active. */
  public @Nullable Flow<T> head() {
    return size == 0 ? null : heap[0];
  }

  /** The number of active flows. */
  public int size() {
    return size;
  }

  /**
   * Records a service of the first flow.
   *
   * @param length bytes of the service, at most its {@link #longestService}
   * @param staysActive whether the flow waits for more
   */
  public void serveHead(long length, boolean staysActive) {
    Flow<T> flow = heap[0];
    virtualTime = flow.startTag;
    flow.finishTag = flow.startTag + length / flow.weight;
    highestFinishTag = Math.max(highestFinishTag, flow.finishTag);
    if (staysActive) {
      flow.startTag = flow.finishTag;
      flow.arrival = arrivals++;
      siftDown(0, flow);
    } else {
      remove(flow);
    }
    while (virtualTime >= REBASE_AT) {
      rebase();
    }
  }

  private void remove(Flow<T> flow) {
    int hole = flow.index;
    flow.index = Flow.NOT_QUEUED;
    Flow<T> last = heap[--size];
    Arrays.fill(heap, size, size + 1, null);
    if (last != flow) {
      siftDown(hole, last);
      if (heap[hole] == last) {
        siftUp(hole, last);
      }
    }
    if (size == 0) {
      // Without this rule of Goyal's, an old finish tag delays a client behind new clients.
      virtualTime = Math.max(virtualTime, highestFinishTag);
    }
  }

  private void followRebases(Flow<T> flow) {
    flow.finishTag -= (rebases - flow.rebases) * REBASE_AT;
    flow.rebases = rebases;
  }

  private void rebase() {
    rebases++;
    virtualTime -= REBASE_AT;
    highestFinishTag -= REBASE_AT;
    for (int i = 0; i < size; i++) {
      Flow<T> flow = heap[i];
      flow.rebases = rebases;
      flow.startTag -= REBASE_AT;
      flow.finishTag -= REBASE_AT;
    }
  }

  private void siftUp(int from, Flow<T> flow) {
    int i = from;
    while (i > 0) {
      int parent = (i - 1) >>> 1;
      if (!flow.isBefore(heap[parent])) {
        break;
      }
      place(i, heap[parent]);
      i = parent;
    }
    place(i, flow);
  }

  private void siftDown(int from, Flow<T> flow) {
    int i = from;
    while (2 * i + 1 < size) {
      int child = 2 * i + 1;
      if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
        child++;
      }
      if (!heap[child].isBefore(flow)) {
        break;
      }
      place(i, heap[child]);
      i = child;
    }
    place(i, flow);
  }

  private void place(int index, Flow<T> flow) {
    heap[index] = flow;
    flow.index = index;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types.
  private static <T> Flow<T>[] newHeap(int capacity) {
    return new Flow[capacity];
  }
}
