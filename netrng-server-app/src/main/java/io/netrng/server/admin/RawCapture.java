// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.server.source.DeviceState;
import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.Source;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.FluxSink;

/**
 * A capture of the raw bytes of one device: tested, and not conditioned. The device provides
 * nothing else until all of them are taken. They wait for the administrator in off-heap memory, so
 * that a slow administrator does not delay the device.
 */
final class RawCapture implements Capture {

  private final String device;
  private final long size;
  private final Source source;
  private final FluxSink<DataBuffer> sink;
  private volatile Runnable stop = () -> {};
  private long taken;

  RawCapture(String device, long size, Source source, FluxSink<DataBuffer> sink) {
    this.device = device;
    this.size = size;
    this.source = source;
    this.sink = sink;
  }

  @Override
  public void begin() {
    long samples = Math.ceilDiv(size, source.stream().sampleSize());
    stop = source.takeRaw(device, samples, this::write);
    if (sink.isCancelled()) {
      end();
    }
  }

  private void write(SampleBatch batch) {
    int length;
    boolean all;
    synchronized (this) {
      length = (int) Math.min(batch.size(), size - taken);
      taken += length;
      all = taken == size;
    }
    sink.next(BUFFERS.wrap(new CapturedBatch(batch, length, _ -> {})));
    if (all) {
      sink.complete();
    }
  }

  @Override
  public void check() {
    if (NamedDevice.of(source, device).state() == DeviceState.EXHAUSTED) {
      sink.complete();
    }
  }

  @Override
  public void end() {
    stop.run();
  }

  @Override
  public synchronized LoggingEventBuilder describe(LoggingEventBuilder line) {
    return line.addKeyValue("reason", (taken == size ? End.FINISHED : End.CANCELLED).externalName())
        .addKeyValue("bytes", taken)
        .addKeyValue("device", device);
  }
}
