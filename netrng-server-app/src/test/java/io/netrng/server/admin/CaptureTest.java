// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netrng.audit.AuditLog;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.distribution.Recipient;
import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import io.netrng.server.source.Source.Availability;
import io.netrng.server.source.Sources;
import io.netrng.testing.Leaks;
import io.netrng.testing.PeriodicTasks;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import reactor.core.publisher.BaseSubscriber;

/** Tests captures in virtual time on one thread. */
class CaptureTest {

  private static final int SIZE = 1_024;
  private static final int MOST = ReleasedCapture.MOST_OUTSTANDING / SIZE;
  private static final Captures.Administrator ADMIN = new Captures.Administrator("admin", "here");
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  @TempDir private Path directory;

  private final AtomicLong now = new AtomicLong();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final SampleBuffer stream = Sources.stream(SIZE);
  private final Distributor distributor = new Distributor(stream, now::get, 1 << 20, 1 << 20, 10);
  private final Captures captures =
      new Captures(
          stream,
          Availability.Available::new,
          distributor,
          ImmediateEventExecutor.INSTANCE,
          PeriodicTasks.SCHEDULER,
          registry,
          AuditLog.off());

  @AfterEach
  void close() {
    Sources.close(stream);
  }

  private Response draw(long size) {
    Response response = new Response();
    captures.released(size, ADMIN).subscribe(response);
    return response;
  }

  /** An HTTP response that keeps its data until the test calls write(). */
  private static final class Response extends BaseSubscriber<DataBuffer> {

    private final List<DataBuffer> unwritten = new ArrayList<>();
    private long written;
    private boolean complete;
    private @Nullable Throwable error;

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      requestUnbounded();
    }

    @Override
    protected void hookOnNext(DataBuffer buffer) {
      unwritten.add(buffer);
    }

    @Override
    protected void hookOnComplete() {
      complete = true;
    }

    @Override
    protected void hookOnError(Throwable thrown) {
      error = thrown;
    }

    private long unwritten() {
      return unwritten.stream().mapToLong(DataBuffer::readableByteCount).sum();
    }

    /** Writes the kept data. More data can arrive during the call. */
    private void write() {
      List<DataBuffer> now = List.copyOf(unwritten);
      unwritten.clear();
      for (DataBuffer buffer : now) {
        written += buffer.readableByteCount();
        DataBufferUtils.release(buffer);
      }
    }
  }

  /** A client with a guarantee that takes all offered samples at once. */
  private final class Client implements Recipient {

    private final Distributor.Subscription subscription;
    private final List<SampleBatch> offered = new ArrayList<>();
    private long bytes;

    private Client(long guarantee) {
      subscription = distributor.subscribe(guarantee, Distributor.NO_CEILING, this);
      subscription.request(Integer.MAX_VALUE);
    }

    @Override
    public void offer(SampleBatch batch) {
      offered.add(batch);
    }

    @Override
    public void wake() {}

    @Override
    public void resumeAfter(long nanos) {}

    private void take() {
      for (SampleBatch batch : offered) {
        bytes += batch.size();
        batch.release();
        subscription.acknowledge(batch);
      }
      offered.clear();
    }
  }

  @Test
  void capturesOnlyTheRateThatTheGuaranteesLeave() {
    // given a device with 10 samples per second, nine of which are guaranteed to a client
    distributor.setCapacity(10 * SIZE, 0.1);
    Client client = new Client(9 * SIZE);
    Response response = draw(64 << 20);

    // when 100 s pass while both have unlimited demand
    for (int i = 1; i <= 1_000; i++) {
      now.set(i * SECOND / 10);
      Sources.release(stream, 1);
      client.take();
      response.write();
    }

    // then
    assertThat(client.subscription.shortfall()).isZero();
    assertThat(client.bytes / SIZE).isBetween(899L, 901L);
    assertThat(response.written / SIZE).isBetween(99L, 101L);
    response.cancel();
  }

  @Test
  void buffersAtMostItsBoundWhileTheResponseDoesNotWrite() {
    // given a response that does not write
    Response response = draw(64 << 20);

    // when
    for (int i = 0; i < 10; i++) {
      Sources.release(stream, MOST);
    }

    // then the capture takes no more samples from the stream
    assertThat(response.unwritten()).isEqualTo(ReleasedCapture.MOST_OUTSTANDING);
    assertThat(stream.readySize()).isEqualTo(9L * ReleasedCapture.MOST_OUTSTANDING);

    // and when it writes, it takes the same number again
    response.write();
    assertThat(response.unwritten()).isEqualTo(ReleasedCapture.MOST_OUTSTANDING);
    response.cancel();
    response.write();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, SIZE - 1, SIZE, SIZE + 1, 3 * SIZE - 1})
  void endsAtItsSizeAndDiscardsTheRestOfTheLastSample(long size) {
    // when more samples are ready than it requires
    Response response = draw(size);
    Sources.release(stream, 4);

    // then
    assertThat(response.complete).isTrue();
    assertThat(response.unwritten()).isEqualTo(size);
    assertThat(stream.readySize()).isEqualTo((4 - Math.ceilDiv(size, SIZE)) * SIZE);
    assertThat(registry.counter("netrng.captured").count()).isEqualTo((double) size);
    response.write();
  }

  @Test
  void theAuditLogHasTheCapturedBytesAndTheAdministrator() throws IOException {
    // given
    Path file = directory.resolve("audit.log");
    try (AuditLog audit = AuditLog.open("netrng.server.audit.file", file, 1 << 20, 2)) {
      Captures recorded =
          new Captures(
              stream,
              Availability.Available::new,
              distributor,
              ImmediateEventExecutor.INSTANCE,
              PeriodicTasks.SCHEDULER,
              new SimpleMeterRegistry(),
              audit);
      Response response = new Response();

      // when the last sample is used in part
      recorded.released(2 * SIZE + 7, ADMIN).subscribe(response);
      Sources.release(stream, 4);
      response.write();
    }

    // then
    assertThat(Files.readString(file))
        .contains(
            "\"type\":\"captured\",\"epoch\":\""
                + stream.epoch()
                + "\",\"offset\":0,\"size\":2055,")
        .contains("\"client\":\"capture\",\"identity\":\"admin\"")
        .hasLineCount(1);
  }

  @Test
  void aCancelledCaptureEndsItsDemandAndPermitsANewCapture() {
    // given a capture that waits for more samples
    Response response = draw(10L * SIZE);
    Sources.release(stream, 2);

    // when
    response.cancel();
    response.write();

    // then there is no demand, and another capture can begin
    Sources.release(stream, 1);
    assertThat(stream.readySize()).isEqualTo(SIZE);
    Response next = draw(SIZE);
    assertThat(next.error).isNull();
    assertThat(next.complete).isTrue();
    next.write();
  }

  @Test
  void aCancelledCaptureReleasesBuffersThatItsResponseNeverRequested() {
    // given
    BaseSubscriber<DataBuffer> silent =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {}
        };
    captures.released(10L * SIZE, ADMIN).subscribe(silent);
    Sources.release(stream, 2);

    // when
    silent.cancel();

    // then none of its bytes count, and no buffer leaks
    assertThat(registry.counter("netrng.captured").count()).isZero();
    Leaks.assertNone();
  }

  @Test
  void refusesASecondConcurrentCapture() {
    Response first = draw(SIZE);
    assertThat(draw(SIZE).error)
        .isInstanceOfSatisfying(
            ErrorResponseException.class,
            e -> assertThat(e.getStatusCode()).isEqualTo(HttpStatus.CONFLICT));
    first.cancel();
  }

  @Test
  void aCaptureCancelledBeforeItsFirstWriteLeavesNothingInFlight() {
    // given a capture whose thread has not yet processed the offered samples
    ScheduledExecutorService busy =
        (ScheduledExecutorService)
            Proxy.newProxyInstance(
                CaptureTest.class.getClassLoader(),
                new Class<?>[] {ScheduledExecutorService.class},
                (_, _, _) -> null);
    Captures late =
        new Captures(
            stream,
            Availability.Available::new,
            distributor,
            busy,
            PeriodicTasks.SCHEDULER,
            new SimpleMeterRegistry(),
            AuditLog.off());
    Response response = new Response();
    late.released(64 << 10, ADMIN).subscribe(response);
    Sources.release(stream, 4);
    assertThat(distributor.inFlight()).isPositive();

    // when
    response.cancel();

    // then
    assertThat(distributor.inFlight()).isZero();
  }
}
