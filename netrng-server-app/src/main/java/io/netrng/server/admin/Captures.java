// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netrng.audit.AuditLog;
import io.netrng.audit.AuditSession;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.source.SampleBuffer;
import io.netrng.server.source.Source;
import io.netrng.server.source.Source.Availability;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.web.ErrorResponseException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** Captures bytes of the stream for administrators, one capture at a time, and logs each. */
final class Captures {

  private static final Logger log = LoggerFactory.getLogger(Captures.class);

  private static final Duration CHECK_EVERY = Duration.ofSeconds(1);

  private final SampleBuffer stream;
  private final Supplier<Availability> availability;
  private final Distributor distributor;
  private final ScheduledExecutorService executor;
  private final TaskScheduler scheduler;
  private final Counter captured;
  private final AuditLog audit;
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * Creates the only instance for a stream.
   *
   * @param executor runs one task after the other
   * @param scheduler checks the devices once per second during a capture
   */
  Captures(
      SampleBuffer stream,
      Supplier<Availability> availability,
      Distributor distributor,
      ScheduledExecutorService executor,
      TaskScheduler scheduler,
      MeterRegistry registry,
      AuditLog audit) {
    this.stream = stream;
    this.availability = availability;
    this.distributor = distributor;
    this.executor = executor;
    this.scheduler = scheduler;
    this.audit = audit;
    captured =
        Counter.builder("netrng.captured")
            .description("Bytes of entropy that administrators captured; no client receives them.")
            .baseUnit("bytes")
            .register(registry);
  }

  /**
   * Captures bytes of the stream for the subscriber, once the first of them is available. Fails at
   * once with the HTTP error while another capture is running, or without entropy.
   *
   * @param size bytes, more than 0
   * @param administrator who captures, for the log
   */
  Flux<DataBuffer> released(long size, Administrator administrator) {
    AuditSession audited = AuditSession.captured(stream.epoch(), administrator.name());
    return draw(
        administrator,
        line -> line.addKeyValue("size", size),
        sink ->
            new ReleasedCapture(
                size,
                stream,
                distributor,
                executor,
                sink,
                (offset, length) -> audit.append(audited, offset, length),
                () -> availability.get() instanceof Availability.Exhausted));
  }

  /**
   * Captures raw bytes of a device, in the same way. No audit record names them, because they have
   * no place in the stream.
   *
   * @param source provides the device
   * @param device its name
   * @param size bytes, more than 0
   * @param administrator who captures, for the log
   */
  Flux<DataBuffer> raw(Source source, String device, long size, Administrator administrator) {
    return draw(
        administrator,
        line -> line.addKeyValue("size", size).addKeyValue("device", device),
        sink -> new RawCapture(device, size, source, sink));
  }

  /**
   * Who captures.
   *
   * @param name the administrator's name
   * @param address the administrator's address
   */
  record Administrator(String name, String address) {

    private LoggingEventBuilder log(LoggingEventBuilder line) {
      return line.addKeyValue("administrator", name).addKeyValue("address", address);
    }
  }

  private Flux<DataBuffer> draw(
      Administrator administrator,
      UnaryOperator<LoggingEventBuilder> what,
      Function<FluxSink<DataBuffer>, Capture> captures) {
    return Flux.<DataBuffer>create(
            sink -> {
              ErrorResponseException refusal = refusal();
              if (refusal == null) {
                what.apply(administrator.log(log.atInfo())).log("capture started");
                begin(captures.apply(sink), administrator, sink);
              } else {
                sink.error(refusal);
              }
            })
        .doOnNext(buffer -> captured.increment(buffer.readableByteCount()))
        .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
  }

  private void begin(Capture capture, Administrator administrator, FluxSink<DataBuffer> sink) {
    ScheduledFuture<?> checks = scheduler.scheduleAtFixedRate(capture::check, CHECK_EVERY);
    sink.onDispose(() -> {
      checks.cancel(false);
      capture.end();
      busy.set(false);
      administrator.log(capture.describe(log.atInfo())).log("capture ended");
    });
    capture.begin();
  }

  /**
   * Returns why no capture is possible now; null if this one may start, which reserves the only
   * place.
   */
  private @Nullable ErrorResponseException refusal() {
    return switch (availability.get()) {
      case Availability.Exhausted() ->
          Problem.unavailable(
              "Every device was a file and has been read to its end: name a device in"
                  + " netrng.server.source.devices and restart the server.");
      case Availability.Expected(Duration in) -> {
        long seconds = in.toSeconds() + 1;
        ErrorResponseException refusal =
            Problem.unavailable(
                "No entropy can be handed out at present: try again in %d s; /actuator/health says"
                        .formatted(seconds)
                    + " how the devices are.");
        refusal.getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
        yield refusal;
      }
      case Availability.Available() ->
          busy.compareAndSet(false, true)
              ? null
              : Problem.conflict("Another capture is under way: try again when it has ended.");
    };
  }
}
