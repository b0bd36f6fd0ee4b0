// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import java.util.ArrayList;
import java.util.List;

/**
 * Start-time fair queueing as in the paper, with a list instead of a heap and without a limit to
 * virtual time. Tests compare {@link FairQueue} with it.
 */
final class NaiveQueue {

  private final List<Flow> active = new ArrayList<>();
  private double virtualTime;
  private double highestFinishTag;

  static final class Flow {
    private final double weight;
    private double start;
    private double finish;

    private Flow(double weight) {
      this.weight = weight;
    }
  }

  Flow newFlow(double weight, long length) {
    Flow flow = new Flow(weight);
    flow.finish = virtualTime + length / weight;
    return flow;
  }

  void activate(Flow flow) {
    if (!active.contains(flow)) {
      flow.start = Math.max(virtualTime, flow.finish);
      active.add(flow);
    }
  }

  void deactivate(Flow flow) {
    if (active.remove(flow)) {
      endBusyPeriodIfEmpty();
    }
  }

  boolean isEmpty() {
    return active.isEmpty();
  }

  /** Returns the first flow among those with the lowest start tag. */
  Flow head() {
    Flow head = active.getFirst();
    for (Flow flow : active) {
      if (flow.start < head.start) {
        head = flow;
      }
    }
    return head;
  }

  void serveHead(long length, boolean staysActive) {
    Flow flow = head();
    virtualTime = flow.start;
    flow.finish = flow.start + length / flow.weight;
    highestFinishTag = Math.max(highestFinishTag, flow.finish);
    active.remove(flow);
    if (staysActive) {
      flow.start = flow.finish;
      active.add(flow);
    } else {
      endBusyPeriodIfEmpty();
    }
  }

  private void endBusyPeriodIfEmpty() {
    if (active.isEmpty()) {
      virtualTime = Math.max(virtualTime, highestFinishTag);
    }
  }
}
