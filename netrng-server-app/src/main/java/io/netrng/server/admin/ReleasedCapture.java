// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.distribution.Distributor;
import io.netrng.server.distribution.OutboundQueue;
import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.FluxSink;

/**
 * A capture of the released stream: a best-effort subscription that writes its batches to an HTTP
 * response instead of a client's socket. The requested and unwritten bytes are bounded: more are
 * requested after a write.
 */
final class ReleasedCapture implements Capture, OutboundQueue.Outlet {

  /** The maximum of requested and unwritten bytes (or one sample, if that is more). */
  static final int MOST_OUTSTANDING = 64 * 1024;

  /** In samples: Netty copies a buffer of more pieces than this, and does not zero the copy. */
  private static final int MOST_PIECES = 1_024;

  private final long size;
  private final SampleBuffer stream;
  private final ScheduledExecutorService executor;
  private final FluxSink<DataBuffer> sink;
  private final Receipt receipt;
  private final BooleanSupplier isExhausted;
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

  /**
   * Subscribes to samples, without demand.
   *
   * @param size bytes to capture
   * @param executor runs one task after the other
   * @param receipt is called for each captured range
   * @param isExhausted whether every device is at its end
   */
  ReleasedCapture(
      long size,
      SampleBuffer stream,
      Distributor distributor,
      ScheduledExecutorService executor,
      FluxSink<DataBuffer> sink,
      Receipt receipt,
      BooleanSupplier isExhausted) {
    this.size = size;
    this.stream = stream;
    this.executor = executor;
    this.sink = sink;
    this.receipt = receipt;
    this.isExhausted = isExhausted;
    notRequested = Math.ceilDiv(size, stream.sampleSize());
    outbound = new OutboundQueue(distributor, 0, Distributor.NO_CEILING, executor, this);
  }

  @Override
  public void begin() {
    ask(Math.clamp(MOST_OUTSTANDING / stream.sampleSize(), 1, MOST_PIECES));
  }

  @Override
  public void check() {
    if (isExhausted.getAsBoolean() && outbound.subscription().demand() > 0) {
      executor.execute(this::endShort);
    }
  }

  @Override
  public void end() {
    outbound.close();
  }

  /** Bytes that were handed to the connection. */
  synchronized long drawn() {
    return drawn;
  }

  @Override
  public synchronized LoggingEventBuilder describe(LoggingEventBuilder line) {
    End cut = exhausted ? End.EXHAUSTED : End.CANCELLED;
    LoggingEventBuilder described =
        line.addKeyValue("reason", (drawn == size ? End.FINISHED : cut).externalName())
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
