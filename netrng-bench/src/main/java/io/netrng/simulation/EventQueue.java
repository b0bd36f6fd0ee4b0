// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Virtual time and its events, in order. Of two events at the same nanosecond, the one added first
 * runs first. Events after the end never run.
 */
final class EventQueue {

  /** A tick is 2^23 ns, about 8 ms. Only the events of the current tick are sorted. */
  private static final int TICK_BITS = 23;

  private final long end;
  private final List<List<Event>> ticks = new ArrayList<>();
  private final PriorityQueue<Event> present = new PriorityQueue<>();
  private int tick = -1;
  private long now;
  private long entered;

  private record Event(long at, long order, Runnable what) implements Comparable<Event> {

    @Override
    public int compareTo(Event other) {
      return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
    }
  }

  /**
   * Makes an empty queue.
   *
   * @param end in nanoseconds
   */
  EventQueue(long end) {
    this.end = end;
    for (long start = 0; start < end; start += 1L << TICK_BITS) {
      ticks.add(new ArrayList<>());
    }
  }

  /** Returns the nanoseconds since the beginning. */
  long now() {
    return now;
  }

  /**
   * Adds an event.
   *
   * @param at nanoseconds since the beginning, not in the past
   */
  void at(long at, Runnable what) {
    if (at < end) {
      Event event = new Event(at, entered++, what);
      int itsTick = (int) (at >>> TICK_BITS);
      if (itsTick == tick) {
        present.add(event);
      } else {
        ticks.get(itsTick).add(event);
      }
    }
  }

  void after(long nanos, Runnable what) {
    at(now + nanos, what);
  }

  /** Runs all events until the end. */
  void run() {
    for (tick = 0; tick < ticks.size(); tick++) {
      present.addAll(ticks.set(tick, List.of()));
      while (!present.isEmpty()) {
        Event event = present.remove();
        now = event.at();
        event.what().run();
      }
    }
  }
}
