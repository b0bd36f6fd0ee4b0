package io.netrng.server.admin;

import io.netrng.naming.ExternalName;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.distribution.OutboundQueue;
import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.publisher.FluxSink;

/**
 * One capture: a best-effort subscription whose batches go to an HTTP response instead of a client.
 * The bytes that are requested and not yet written are bounded: more are requested when some were
 * written.
 */
final class Capture implements OutboundQueue.Outlet {

  /** The most that is asked for and not yet written, in bytes (or one sample, if that is more). */
  static final int MOST_OUTSTANDING = 64 * 1024;

  /** In samples: of a buffer in more pieces than this Netty makes a copy, which is not zeroed. */
  private static final int MOST_PIECES = 1_024;

  private static final NettyDataBufferFactory BUFFERS =
      new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);

  private final long size;
  private final SampleBuffer stream;
  private final ScheduledExecutorService executor;
  private final FluxSink<DataBuffer> sink;
  private final OutboundQueue outbound;
  private long notRequested;
  private long drawn;
  private long pieces;
  private long firstOffset;
  private long endOffset;
  private boolean exhausted;

  /** Why a capture ended. */
  private enum Reason implements ExternalName {
    /** All bytes were handed to the connection. */
    FINISHED,
    /** Every device was a file and has been read to its end. */
    EXHAUSTED,
    /** The administrator is gone, or the server stops. */
    CANCELLED;
  }

  /**
   * Subscribes to samples, without demand.
   *
   * @param size bytes to draw
   * @param executor runs one task after the other
   */
  Capture(
      long size,
      SampleBuffer stream,
      Distributor distributor,
      ScheduledExecutorService executor,
      FluxSink<DataBuffer> sink) {
    this.size = size;
    this.stream = stream;
    this.executor = executor;
    this.sink = sink;
    notRequested = Math.ceilDiv(size, stream.sampleSize());
    outbound = new OutboundQueue(distributor, 0, Distributor.NO_CEILING, executor, this);
  }

  void begin() {
    ask(Math.clamp(MOST_OUTSTANDING / stream.sampleSize(), 1, MOST_PIECES));
  }

  /** Every device is at its end: a capture that still waits never comes to its own. */
  void exhausted() {
    if (outbound.subscription().demand() > 0) {
      executor.execute(this::endShort);
    }
  }

  /** Ends the subscription and destroys what is not written. */
  void end() {
    outbound.close();
  }

  /** Bytes that were handed to the connection. */
  synchronized long drawn() {
    return drawn;
  }

  /** Says what was drawn and why that was all. Never a byte of it. */
  synchronized LoggingEventBuilder describe(LoggingEventBuilder line) {
    Reason cut = exhausted ? Reason.EXHAUSTED : Reason.CANCELLED;
    LoggingEventBuilder described =
        line.addKeyValue("reason", (drawn == size ? Reason.FINISHED : cut).externalName())
            .addKeyValue("bytes", drawn)
            .addKeyValue("pieces", pieces)
            .addKeyValue("epoch", stream.epoch());
    return drawn == 0
        ? described
        : described
            .addKeyValue("first-offset", firstOffset)
            .addKeyValue("last-offset", endOffset - 1);
  }

  @Override
  public void write(SampleBatch batch) {
    int length = count(batch);
    sink.next(BUFFERS.wrap(new CapturedBatch(batch, length, this::released)));
    if (drawn() == size) {
      sink.complete();
    }
  }

  /** The response flushes by itself. */
  @Override
  public void flush() {}

  /** Who counts the bytes sees that some are missing. */
  private void endShort() {
    outbound.writeAll();
    synchronized (this) {
      exhausted = true;
    }
    sink.complete();
  }

  /** Returns how many bytes of the batch are wanted: of the last one perhaps not all. */
  private synchronized int count(SampleBatch batch) {
    int length = (int) Math.min(batch.size(), size - drawn);
    if (drawn == 0) {
      firstOffset = batch.offset();
    }
    if (drawn == 0 || batch.offset() != endOffset) {
      pieces++;
    }
    drawn += length;
    endOffset = batch.offset() + length;
    return length;
  }

  private void released(SampleBatch batch) {
    outbound.acknowledge(batch);
    ask(batch.samples());
  }

  private void ask(long most) {
    long samples;
    synchronized (this) {
      samples = Math.min(most, notRequested);
      notRequested -= samples;
    }
    if (samples > 0) {
      outbound.subscription().request(samples);
    }
  }
}
