// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A forward leap of the time of day. A restored machine has the time of its snapshot until NTP
 * corrects it. After a suspend, the time of day leaps too, but so does the time since boot.
 */
final class ClockLeap implements CloneSignal {

  /** NTP corrects smaller errors of running machines. */
  static final Duration LEAST = Duration.ofSeconds(5);

  private static final double MILLIS_PER_SECOND = 1_000;

  private final Clocks clocks;
  private Offsets last;

  /** The clocks of Linux (clock_gettime(2)), in milliseconds. */
  interface Clocks {

    /** CLOCK_REALTIME. */
    long realtime();

    /** CLOCK_MONOTONIC, which stops while the machine is suspended. */
    long monotonic();

    /** CLOCK_BOOTTIME, which continues while the machine is suspended. */
    long boottime() throws IOException;
  }

  /** How far the other clocks are ahead of the monotonic one, in milliseconds. */
  private record Offsets(long realtime, long boottime) {}

  ClockLeap(Clocks clocks) throws IOException {
    this.clocks = clocks;
    last = offsets();
  }

  /**
   * The clocks of this machine.
   *
   * @param proc {@code /proc}
   */
  static Clocks ofThisMachine(Path proc) {
    return new Clocks() {
      @Override
      public long realtime() {
        return System.currentTimeMillis();
      }

      @Override
      public long monotonic() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
      }

      @Override
      public long boottime() throws IOException {
        String uptime = Files.readString(proc.resolve("uptime"));
        return (long) (Double.parseDouble(uptime.split(" ", 2)[0]) * MILLIS_PER_SECOND);
      }
    };
  }

  @Override
  public String name() {
    return "clock-leap";
  }

  @Override
  public boolean hasFired() throws IOException {
    Offsets before = last;
    last = offsets();
    boolean leapt = last.realtime - before.realtime > LEAST.toMillis();
    // Half of the least leap, because the clocks are read one after the other.
    boolean suspended = last.boottime - before.boottime > LEAST.toMillis() / 2;
    return leapt && !suspended;
  }

  @Override
  public boolean isCertain() {
    return false;
  }

  private Offsets offsets() throws IOException {
    long monotonic = clocks.monotonic();
    return new Offsets(clocks.realtime() - monotonic, clocks.boottime() - monotonic);
  }
}
