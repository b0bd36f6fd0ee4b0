// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netrng.server.session.AcceptLimiter.Pause;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class AcceptLimiterTest {

  private static final int RATE = 10;

  private final MockTicker ticker = Ticker.newMockTicker();
  private final AcceptLimiter limiter = new AcceptLimiter(RATE);
  private final EmbeddedChannel listener =
      EmbeddedChannel.builder().ticker(ticker).handlers(limiter).build();

  private void accept(int connections) {
    for (int i = 0; i < connections; i++) {
      listener.writeInbound("connection");
    }
  }

  private void advance(long millis) {
    ticker.advance(millis, TimeUnit.MILLISECONDS);
    listener.runScheduledPendingTasks();
  }

  private boolean isAccepting() {
    return listener.config().isAutoRead();
  }

  @Test
  void acceptsABurstOfOneSecondAndThenPausesUntilTheRateIsKept() {
    accept(RATE);
    assertThat(isAccepting()).isTrue();
    accept(3);
    assertThat(isAccepting()).isFalse();
    advance(99);
    assertThat(isAccepting()).isFalse();
    advance(1);
    assertThat(isAccepting()).isTrue();
    assertThat(limiter.pausedSeconds(Pause.RATE)).isEqualTo(0.1);
    assertThat(limiter.pausedSeconds(Pause.FAILURE)).isZero();
    assertThat(listener.inboundMessages()).hasSize(RATE + 3);
  }

  @Test
  void pausesForASecondAtEachFailureAndLogsOneLineAMinute(CapturedOutput output) {
    for (int second = 0; second < 61; second++) {
      listener.pipeline().fireExceptionCaught(new IOException("Too many open files"));
      assertThat(isAccepting()).isFalse();
      assertThat(output.getOut().split("accepting connections failed", -1))
          .hasSize(second < 60 ? 2 : 3);
      advance(1_000);
      assertThat(isAccepting()).isTrue();
    }
    assertThat(limiter.pausedSeconds(Pause.FAILURE)).isEqualTo(61);
    assertThat(limiter.pausedSeconds(Pause.RATE)).isZero();
  }

  @Test
  void propagatesExceptionsOtherThanAcceptFailures() {
    listener.pipeline().fireExceptionCaught(new IllegalStateException("a fault"));
    assertThat(isAccepting()).isTrue();
    assertThatIllegalStateException().isThrownBy(listener::checkException).withMessage("a fault");
  }
}
