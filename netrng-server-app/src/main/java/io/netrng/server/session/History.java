package io.netrng.server.session;

import java.util.concurrent.TimeUnit;

/**
 * What one client was given lately: its rates and its attainment over the last ten seconds and five
 * minutes, or since it came. It is told once a second, by one thread; any thread may ask.
 */
final class History {

  private static final int SHORT = 10;
  private static final int LONG = 300;

  /** Seconds between the points from which the long figures are taken. */
  private static final int STEP = 10;

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Ring seconds = new Ring(SHORT + 1);
  private final Ring steps = new Ring(LONG / STEP + 1);
  private Point last;
  private int told;

  /**
   * What had happened by a point in time.
   *
   * @param nanoTime the time
   * @param delivered bytes that were delivered
   * @param owed bytes that had fallen due
   * @param shortfall bytes of these that were not given
   */
  record Point(long nanoTime, long delivered, double owed, double shortfall) {}

  /** Begins with a client that was given nothing. */
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

  /** Over the last ten seconds, in bytes per second. */
  synchronized double shortRate() {
    return rateSince(seconds.oldest());
  }

  /** Over the last five minutes, in bytes per second. */
  synchronized double longRate() {
    return rateSince(steps.oldest());
  }

  /**
   * How much of what fell due in the last five minutes was given: 1 if all was, or nothing was due.
   */
  synchronized double attainment() {
    Point since = steps.oldest();
    double owed = last.owed - since.owed;
    return owed > 0 ? Math.clamp(1 - (last.shortfall - since.shortfall) / owed, 0, 1) : 1;
  }

  private double rateSince(Point since) {
    long nanos = last.nanoTime - since.nanoTime;
    return nanos > 0 ? (last.delivered - since.delivered) * NANOS_PER_SECOND / nanos : 0;
  }

  /** The last so many points. */
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
