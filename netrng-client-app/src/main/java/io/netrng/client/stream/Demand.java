// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.sink.Intake;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.ServerFrame;
import io.netrng.rate.TokenBucket;
import io.netrng.unit.DataRate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The demand of a session from WELCOME on. It decides how many samples to request, which samples
 * are accepted, and how long the server has owed samples. All methods run on the session's event
 * loop.
 *
 * <p>Received bytes are taken from a token bucket, and demand never exceeds the content of the
 * bucket. A server that was slow for a while cannot catch up at more than the rate and one burst.
 */
final class Demand {

  static final String NOT_REQUESTED = "a sample that was not asked for";

  private static final long MAX_REQUEST = 0xffff_ffffL;

  /** Batches the demand that the rate delays, because one REQUEST per sample is wasteful. */
  private static final long NANOS_BETWEEN_REQUESTS = Duration.ofMillis(500).toNanos();

  private final ChannelHandlerContext context;
  private final Intake feed;
  private final AtomicLong outstandingBytes;
  private final Runnable onOverdue;
  private final Consumer<String> onStarved;
  private final long sampleSize;
  private final TokenBucket bucket;
  private final long maxWaiting;
  private final long overdueNanos;
  private final long keepaliveNanos;
  private final long maxOwedNanos;

  private long allowed;
  private long awaited;

  /**
   * The time when the server began to owe the outstanding samples, or sent the last whole sample.
   */
  private long owedSince;

  private boolean requestIsScheduled;
  private boolean samplesAreWatched;

  private long received;
  private long lastOffset;
  private long firstSampleAt;
  private long lastSampleAt;

  /**
   * Makes a demand of no samples.
   *
   * @param allowed how many samples may be requested
   * @param onOverdue is called when the server has owed samples for some keepalives, and then each
   *     keepalive while it owes them
   * @param onStarved receives the details when the server has owed samples for too long
   */
  Demand(
      ChannelHandlerContext context,
      ServerFrame.Welcome welcome,
      Session.Settings settings,
      int starvedInARow,
      long allowed,
      Runnable onOverdue,
      Consumer<String> onStarved) {
    this.context = context;
    this.allowed = allowed;
    this.onOverdue = onOverdue;
    this.onStarved = onStarved;
    feed = settings.feed();
    outstandingBytes = settings.outstandingBytes();
    sampleSize = welcome.sampleSize();
    DataRate rate = settings.maxRate();
    double burst = burst(rate, settings.sink().start(), sampleSize);
    bucket = new TokenBucket(rate.bytesPerSecond(), burst, nanoTime());
    maxWaiting = maxWaiting(rate, settings.sink().start(), sampleSize);
    Starvation starvation = settings.starvation();
    Duration keepalive = Duration.ofMillis(welcome.keepaliveMillis());
    keepaliveNanos = keepalive.toNanos();
    overdueNanos = starvation.overdue(welcome.guarantee(), rate, sampleSize, keepalive).toNanos();
    maxOwedNanos = starvation.limit(welcome.guarantee(), rate, sampleSize, starvedInARow).toNanos();
  }

  /**
   * Returns how many bytes may be requested at once.
   *
   * @param start how many bytes the sink needs at its start without a pause
   */
  static double burst(DataRate rate, long start, long sampleSize) {
    return rate.isUnlimited()
        ? Double.POSITIVE_INFINITY
        : Math.max(Math.max(start, sampleSize), rate.bytesPerSecond());
  }

  /** Returns how many bytes may wait for the sink before demand ends. They are lost if it fails. */
  static long maxWaiting(DataRate rate, long start, long sampleSize) {
    return (long) (2 * burst(rate, start, sampleSize));
  }

  /** Sets how many more samples may be requested, and requests them. */
  void allow(long samples) {
    allowed = samples;
    request();
  }

  /** Requests more samples, within the space of the buffer and the rate. */
  void request() {
    long fitting = (feed.freeSpace(maxWaiting, sampleSize) - outstandingBytes.get()) / sampleSize;
    long inRate = bucket.available(nanoTime()) / sampleSize - awaited;
    long samples = Math.min(Math.min(fitting, inRate), Math.min(allowed, MAX_REQUEST));
    if (samples > 0) {
      owedSince = awaited == 0 ? nanoTime() : owedSince;
      awaited += samples;
      outstandingBytes.addAndGet(samples * sampleSize);
      allowed -= allowed == Long.MAX_VALUE ? 0 : samples;
      var _ = context.writeAndFlush(new ClientFrame.Request(samples));
      watchForSamples(Math.min(overdueNanos, maxOwedNanos));
    }
    scheduleRequest();
  }

  /**
   * Requests at once if the rate permits it and less than half of what fits is outstanding. Else
   * schedules a request for when the bucket has refilled. The buffer itself calls back when it has
   * space.
   */
  private void scheduleRequest() {
    long wanted = (awaited + 1) * sampleSize;
    if (allowed == 0
        || !bucket.canHold(wanted)
        || !feed.fitsOrNotifies(outstandingBytes.get() + sampleSize, maxWaiting, sampleSize)) {
      return;
    }
    boolean isLow = 2 * outstandingBytes.get() <= feed.freeSpace(maxWaiting, sampleSize);
    if (isLow && bucket.nanosUntil(wanted) == 0) {
      request();
    } else if (!requestIsScheduled) {
      requestIsScheduled = true;
      // One nanosecond more, because the bucket's arithmetic is rounded.
      schedule(
          () -> {
            requestIsScheduled = false;
            request();
          },
          Math.max(NANOS_BETWEEN_REQUESTS, bucket.nanosUntil(wanted) + 1));
    }
  }

  /** Returns why a sample is not acceptable; empty if it is acceptable. */
  Optional<String> faultOf(ServerFrame.Sample sample) {
    int size = sample.entropy().readableBytes();
    if (awaited == 0) {
      return Optional.of(NOT_REQUESTED);
    }
    if (size != sampleSize) {
      return Optional.of("a sample of " + size + " bytes");
    }
    if (received > 0 && !isBeyondLastOffset(sample.offset())) {
      return Optional.of(
          "a sample at offset "
              + Long.toUnsignedString(sample.offset())
              + " after one at "
              + Long.toUnsignedString(lastOffset));
    }
    return Optional.empty();
  }

  /**
   * Samples of one session neither repeat nor overlap: their offsets rise at least by their size.
   */
  private boolean isBeyondLastOffset(long offset) {
    return Long.compareUnsigned(offset, lastOffset) > 0
        && Long.compareUnsigned(offset - lastOffset, sampleSize) >= 0;
  }

  /** Counts an acceptable sample. */
  void count(ServerFrame.Sample sample) {
    lastSampleAt = nanoTime();
    owedSince = lastSampleAt;
    firstSampleAt = received == 0 ? lastSampleAt : firstSampleAt;
    lastOffset = sample.offset();
    received++;
    awaited--;
    bucket.take(sampleSize);
  }

  /** Moves an acceptable sample into the buffer. */
  void store(ByteBuf entropy) {
    feed.offer(entropy);
    outstandingBytes.addAndGet(-sampleSize);
    scheduleRequest();
  }

  /** Returns the time from the first sample to the last. */
  Duration deliveryTime() {
    return Duration.ofNanos(lastSampleAt - firstSampleAt);
  }

  /** Stops all requests and timers. */
  void cancel() {
    outstandingBytes.addAndGet(-awaited * sampleSize);
    awaited = 0;
    allowed = 0;
  }

  private void watchForSamples(long delay) {
    if (!samplesAreWatched) {
      samplesAreWatched = true;
      schedule(this::checkSamples, delay);
    }
  }

  private void checkSamples() {
    samplesAreWatched = false;
    long owed = nanoTime() - owedSince;
    if (awaited > 0 && owed >= maxOwedNanos) {
      onStarved.accept(
          "no whole sample for %d ms, %d are awaited"
              .formatted(TimeUnit.NANOSECONDS.toMillis(maxOwedNanos), awaited));
    } else if (awaited > 0) {
      boolean isOverdue = owed >= overdueNanos;
      watchForSamples(
          Math.min(isOverdue ? keepaliveNanos : overdueNanos - owed, maxOwedNanos - owed));
      if (isOverdue) {
        onOverdue.run();
      }
    }
  }

  private void schedule(Runnable task, long nanos) {
    var _ = context.executor().schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  /** The clock of the timers. */
  private long nanoTime() {
    return context.executor().ticker().nanoTime();
  }
}
