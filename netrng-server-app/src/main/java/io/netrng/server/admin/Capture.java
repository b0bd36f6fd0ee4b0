// SPDX-License-Identifier: Apache-2.0
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
 * One capture: a best-effort subscription that writes its batches to an HTTP response instead of a
 * client's socket. The requested and unwritten bytes are bounded: more are requested after a write.
 */
final class Capture implements OutboundQueue.Outlet {

  /** The maximum of requested and unwritten bytes (or one sample, if that is more). */
  static final int MOST_OUTSTANDING = 64 * 1024;

  /** In samples: Netty copies a buffer of more pieces than this, and does not zero the copy. */
  private static final int MOST_PIECES = 1_024;

  private static final NettyDataBufferFactory BUFFERS =
      new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);

  private final long size;
  private final SampleBuffer stream;
  private final ScheduledExecutorService executor;
  private final FluxSink<DataBuffer> sink;
  private final Receipt receipt;
  private final OutboundQueue outbound;
  private long notRequested;
  private long drawn;
  private long pieces;
  private long firstOffset;
  private long endOffset;
  private boolean exhausted;

  /** Receives the ranges of the stream that are handed to the connection. */
  @FunctionalInterface
  interface Receipt {
    void captured(long offset, int length);
  }

  /** The reasons for the end of a capture. */
  private enum Reason implements ExternalName {
    /** All bytes were handed to the connection. */
    FINISHED,
    /** Every device was a file and has been read to its end. */
    EXHAUSTED,
    /** The administrator disconnected, or the server stops. */
    CANCELLED;
  }

  /**
   * Subscribes to samples, without demand.
   *
   * @param size bytes to capture
   * @param executor runs one task after the other
   * @param receipt is called for each captured range
   */
  Capture(
      long size,
      SampleBuffer stream,
      Distributor distributor,
      ScheduledExecutorService executor,
      FluxSink<DataBuffer> sink,
      Receipt receipt) {
    this.size = size;
    this.stream = stream;
    this.executor = executor;
    this.sink = sink;
    this.receipt = receipt;
    notRequested = Math.ceilDiv(size, stream.sampleSize());
    outbound = new OutboundQueue(distributor, 0, Distributor.NO_CEILING, executor, this);
  }

  void begin() {
    ask(Math.clamp(MOST_OUTSTANDING / stream.sampleSize(), 1, MOST_PIECES));
  }

  /** Ends a waiting capture, because every device is at its end. */
  void exhausted() {
    if (outbound.subscription().demand() > 0) {
      executor.execute(this::endShort);
    }
  }

  /** Ends the subscription and destroys the unwritten batches. */
  void end() {
    outbound.close();
  }

  /** Bytes that were handed to the connection. */
  synchronized long drawn() {
    return drawn;
  }

  /** Adds the captured size and the reason for the end. Never logs a byte of it. */
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
    receipt.captured(batch.offset(), length);
    sink.next(BUFFERS.wrap(new CapturedBatch(batch, length, this::released)));
    if (drawn() == size) {
      sink.complete();
    }
  }

  /** The response flushes itself. */
  @Override
  public void flush() {}

  /** The recipient detects missing bytes by their number. */
  private void endShort() {
    outbound.writeAll();
    synchronized (this) {
      exhausted = true;
    }
    sink.complete();
  }

  /** Returns how many bytes of the batch are required; the last batch may contain more. */
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
