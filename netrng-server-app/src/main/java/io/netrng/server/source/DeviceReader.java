package io.netrng.server.source;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Reads one device on a thread of its own, as long as the released stream has room.
 *
 * <pre>
 *            +------- the last writer of a FIFO leaves -------+
 *            v                                                |
 *   start -> OPENING -- open --> READING -- end of a file --> EXHAUSTED
 *            ^    |                 |
 *          pause  +---- error ---+  | error, or the end of a character device
 *            |                   v  v
 *            +------------------ FAILED
 * </pre>
 */
final class DeviceReader {

  private static final Logger log = LoggerFactory.getLogger(DeviceReader.class);

  private final Path device;
  private final ReleasedStream stream;
  private final BackOff backOff;
  private final Duration longestSilence;
  private final Thread thread;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final ReadRate rate = new ReadRate();
  private final double pinnedCapacity;
  private final CapacityMeter meter;

  private volatile Phase phase = new Phase(DeviceState.OPENING, null, 0);
  private final AtomicLong bytesRead = new AtomicLong();
  private volatile long readingSince;
  private volatile boolean silent;
  private volatile @Nullable FileChannel open;

  /** The state with what belongs to it; retryAt is on the clock of {@link System#nanoTime}. */
  private record Phase(DeviceState state, @Nullable String reason, long retryAt) {}

  /**
   * Makes a reader that does nothing yet.
   *
   * @param pinnedCapacity bytes per second that the device is held to give; NaN to measure it
   * @param backOff the pauses after failures; it begins anew when the device has given a byte
   * @param longestSilence after which the device is held to give nothing, until it does
   */
  DeviceReader(
      Path device,
      ReleasedStream stream,
      double pinnedCapacity,
      BackOff backOff,
      Duration longestSilence) {
    this.device = device;
    this.stream = stream;
    this.pinnedCapacity = pinnedCapacity;
    meter = new CapacityMeter(Double.isNaN(pinnedCapacity));
    this.backOff = backOff;
    this.longestSilence = longestSilence;
    thread =
        Thread.ofPlatform().daemon().name("reader-" + device.getFileName()).unstarted(this::live);
  }

  void start() {
    thread.start();
  }

  /** Ends the reading at once. Does not wait: a FIFO without a writer cannot be left. */
  void stop() {
    stopping.countDown();
    thread.interrupt();
    FileChannel channel = open;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        log.atDebug().addKeyValue("device", device).setCause(e).log("closing failed");
      }
    }
  }

  /**
   * Measures the capacity as at the start.
   *
   * @return whether that was not under way already
   */
  boolean remeasure() {
    return meter.restart(System.nanoTime());
  }

  DeviceStatus status() {
    Phase now = phase;
    boolean failed = now.state == DeviceState.FAILED;
    long since = readingSince;
    long nanoTime = System.nanoTime();
    Duration silence = since == 0 ? Duration.ZERO : silence(Duration.ofNanos(nanoTime - since));
    if (silence.compareTo(longestSilence) >= 0) {
      silent = true;
    }
    double capacity = capacity(now.state, nanoTime);
    boolean reading = now.state == DeviceState.READING;
    return new DeviceStatus(
        device,
        now.state,
        now.reason,
        failed ? Duration.ofNanos(Math.max(0, now.retryAt - nanoTime)) : null,
        bytesRead.get(),
        rate.bytesPerSecond(),
        capacity,
        reading && Double.isNaN(pinnedCapacity) ? meter.age(nanoTime) : Duration.ZERO,
        reading && Double.isNaN(capacity) ? meter.untilValue(nanoTime) : null,
        silence,
        silent);
  }

  private double capacity(DeviceState state, long now) {
    return switch (state) {
      case OPENING -> Double.NaN;
      case READING -> {
        double able = Double.isNaN(pinnedCapacity) ? meter.bytesPerSecond(now) : pinnedCapacity;
        yield silent ? 0 : able;
      }
      case FAILED, EXHAUSTED -> 0;
    };
  }

  /** Whether it is known, or was once, how much the device can give. */
  boolean isMeasured() {
    return !Double.isNaN(pinnedCapacity) || !Double.isNaN(meter.bytesPerSecond(System.nanoTime()));
  }

  /**
   * A read may have been waiting for long before anybody wanted a byte. Once the device is known to
   * be silent it is so whether anybody waits or not: they were sent away.
   */
  private Duration silence(Duration ofRead) {
    if (silent) {
      return ofRead;
    }
    Duration wanted = stream.wantedFor();
    return wanted.compareTo(ofRead) < 0 ? wanted : ofRead;
  }

  private void live() {
    BackOffExecution pauses = backOff.start();
    try {
      while (!isStopping() && phase.state != DeviceState.EXHAUSTED) {
        long before = bytesRead.get();
        String reason = tryToRead();
        if (reason != null && !isStopping()) {
          if (bytesRead.get() > before) {
            pauses = backOff.start();
          }
          fail(reason, pauses.nextBackOff());
        }
      }
    } catch (InterruptedException e) {
      // stop() wakes us where we wait
    }
  }

  /** Why the reading failed, or null if it came to its end in order. */
  private @Nullable String tryToRead() throws InterruptedException {
    try {
      readToTheEnd();
      return null;
    } catch (IOException e) {
      return reasonOf(e);
    } catch (RuntimeException | OutOfMemoryError e) {
      // Whatever it is, a reader that is gone must not look like one that reads.
      log.atError().addKeyValue("device", device).setCause(e).log("the reader has a fault");
      return "a fault of the server: " + e;
    }
  }

  private void fail(String reason, long pauseMillis) throws InterruptedException {
    long retryAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
    phase = new Phase(DeviceState.FAILED, reason, retryAt);
    log.atWarn()
        .addKeyValue("device", device)
        .addKeyValue("reason", reason)
        .addKeyValue("retry-after-ms", pauseMillis)
        .log("device failed");
    stopping.await(pauseMillis, TimeUnit.MILLISECONDS);
  }

  private void readToTheEnd() throws IOException, InterruptedException {
    phase = new Phase(DeviceState.OPENING, null, 0);
    DeviceKind kind = DeviceKind.of(device);
    try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
      open = channel;
      if (kind == DeviceKind.FILE) {
        channel.position(bytesRead.get());
      }
      meter.opened(System.nanoTime());
      phase = new Phase(DeviceState.READING, null, 0);
      log.atInfo().addKeyValue("device", device).log("device is open");
      new SlabReader(channel, stream, rate, meter, this::onRead).readToTheEnd();
    } finally {
      open = null;
      readingSince = 0;
      silent = false;
      meter.closed();
    }
    switch (kind) {
      case CHARACTER_DEVICE -> throw new IOException("ended, though a character device has no end");
      case FIFO -> log.atInfo().addKeyValue("device", device).log("the last writer left");
      case FILE -> {
        meter.exhausted(System.nanoTime());
        phase = new Phase(DeviceState.EXHAUSTED, "was read to its end", 0);
        log.atWarn()
            .addKeyValue("device", device)
            .addKeyValue("bytes", bytesRead)
            .log("file is exhausted and is not read again");
      }
    }
  }

  private void onRead(long since, int bytes) {
    readingSince = since;
    bytesRead.addAndGet(bytes);
    if (bytes > 0) {
      silent = false;
    }
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  /** What happened in a few words; the path is not in them. */
  static String reasonOf(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "does not exist";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
