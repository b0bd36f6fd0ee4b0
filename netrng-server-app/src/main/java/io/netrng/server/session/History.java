// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import java.util.concurrent.TimeUnit;

/**
 * The recent deliveries to one client: its rates and its attainment over the last ten seconds and
 * five minutes, or since it connected. One thread records a point once per second; any thread may
 * read.
 */
final class History {

  /** Seconds of the short window. */
  static final int SHORT = 10;

  private static final int LONG = 300;

  /** Seconds between the points of the five-minute values. */
  private static final int STEP = 10;

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Ring seconds = new Ring(SHORT + 1);
  private final Ring steps = new Ring(LONG / STEP + 1);
  private Point last;
  private int told;

  /**
   * The totals at a point in time.
   *
   * @param nanoTime the time
   * @param delivered bytes that were delivered
   * @param owed bytes that were due by the guarantee
   * @param shortfall bytes of these that were not delivered
   */
  record Point(long nanoTime, long delivered, double owed, double shortfall) {}

  /** Starts the history of a client without deliveries. */
  History(long nanoTime) {
    last = new Point(nanoTime, 0, 0, 0);
    seconds.add(last);
    steps.add(last);
  }

  synchronized void tell(Point now) {
    last = now;
    seconds.add(now);
    if (++told % STEP == 0) {
      steps.add(now);
    }
  }

  /** The rate over the last ten seconds, in bytes per second. */
  synchronized double shortRate() {
    return rateSince(seconds.oldest());
  }

  /** The rate over the last five minutes, in bytes per second. */
  synchronized double longRate() {
    return rateSince(steps.oldest());
  }

  /**
   * The delivered part of the bytes due in the last five minutes; 1 if all were delivered or none
   * was due.
   */
  synchronized double attainment() {
    return attainmentSince(steps.oldest());
  }

  /** The same of the last ten seconds. */
  synchronized double shortAttainment() {
    return attainmentSince(seconds.oldest());
  }

  private double attainmentSince(Point since) {
    double owed = last.owed - since.owed;
    return owed > 0 ? Math.clamp(1 - (last.shortfall - since.shortfall) / owed, 0, 1) : 1;
  }

  private double rateSince(Point since) {
    long nanos = last.nanoTime - since.nanoTime;
    return nanos > 0 ? (last.delivered - since.delivered) * NANOS_PER_SECOND / nanos : 0;
  }

  /** A ring of the most recent points. */
  private static final class Ring {

    private final Point[] points;
    private long added;

    Ring(int size) {
      points = new Point[size];
    }

    void add(Point point) {
      points[(int) (added++ % points.length)] = point;
    }

    Point oldest() {
      return points[added < points.length ? 0 : (int) (added % points.length)];
    }
  }
}
