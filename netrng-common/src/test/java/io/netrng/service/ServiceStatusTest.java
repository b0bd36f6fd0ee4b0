// SPDX-License-Identifier: Apache-2.0
package io.netrng.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

@ExtendWith(OutputCaptureExtension.class)
class ServiceStatusTest {

  private static final String ALIVE = "WATCHDOG=1";

  @TempDir Path directory;

  private Manager manager;
  private volatile String status = "well";

  @BeforeEach
  void listen() {
    manager = new Manager(directory.resolve("notify").toString());
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private ConfigurableApplicationContext app(Executor... threads) {
    return app(() -> status, threads);
  }

  private ConfigurableApplicationContext app(Supplier<String> status, Executor... threads) {
    Map<String, String> environment =
        Map.of("NOTIFY_SOCKET", directory.resolve("notify").toString(), "WATCHDOG_USEC", "60000");
    return new SpringApplicationBuilder(ServiceStatusTest.class)
        .web(WebApplicationType.NONE)
        .properties("spring.main.banner-mode=off")
        .initializers((GenericApplicationContext context) -> {
          context.registerBean(ApplicationAvailabilityBean.class);
          context.registerBean(
              ServiceManager.class,
              () ->
                  new ServiceManager(
                      environment,
                      context.getBean(ApplicationAvailabilityBean.class),
                      () -> new ServiceStatus(() -> List.of(threads), status)));
        })
        .run();
  }

  /** Returns all messages until a new status arrives. Each tick sends the status. */
  private List<String> untilNextStatus(String next) {
    status = next;
    return manager.until("STATUS=" + next);
  }

  @Test
  void sendsReadyThenWatchdogSignalsAndStatusAndStoppingOnClose() {
    try (ConfigurableApplicationContext _ = app(Runnable::run)) {
      assertThat(manager.next()).isEqualTo("WATCHDOG_USEC=60000\nREADY=1");
      assertThat(manager.next()).isEqualTo(ALIVE);
      assertThat(manager.next()).isEqualTo("STATUS=well");
      assertThat(manager.next()).isEqualTo(ALIVE);
    }
    manager.awaits("STOPPING=1");
  }

  @Test
  void sendsNoWatchdogSignalWhileAThreadHangs() {
    // given
    Queue<Runnable> hanging = new ConcurrentLinkedQueue<>();
    try (ConfigurableApplicationContext _ = app(Runnable::run, hanging::add, Runnable::run)) {
      await("the watchdog signal reaches the hanging thread").until(() -> !hanging.isEmpty());

      // then
      assertThat(untilNextStatus("still well")).doesNotContain(ALIVE);
      assertThat(untilNextStatus("well again")).doesNotContain(ALIVE);
      assertThat(hanging).hasSize(1);

      // and when
      hanging.remove().run();

      // then
      manager.awaits(ALIVE);
      await("the next watchdog signal arrives").until(() -> !hanging.isEmpty());
    }
  }

  @Test
  void sendsNoWatchdogSignalWhenTheAppIsBroken() {
    try (ConfigurableApplicationContext context = app(Runnable::run)) {
      // given
      manager.awaits(ALIVE);

      // when
      AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);

      // then
      untilNextStatus("told while it broke");
      assertThat(untilNextStatus("told when broken")).doesNotContain(ALIVE);
    }
  }

  @Test
  void sendsNoWatchdogSignalAndLogsNoFailureForAnEndedThread(CapturedOutput output) {
    Executor ended =
        _ -> {
          throw new RejectedExecutionException();
        };
    try (ConfigurableApplicationContext _ = app(ended)) {
      assertThat(untilNextStatus("first")).doesNotContain(ALIVE);
      assertThat(untilNextStatus("second")).doesNotContain(ALIVE);
    }
    assertThat(output).doesNotContain("failed unexpectedly");
  }

  @Test
  void logsAStatusFailureAndContinuesWatchdogSignals(CapturedOutput output) {
    Supplier<String> broken =
        () -> {
          throw new IllegalStateException("unforeseen");
        };
    try (ConfigurableApplicationContext _ = app(broken, Runnable::run)) {
      manager.awaits(ALIVE);
      manager.awaits(ALIVE);
    }
    assertThat(output).contains("report to the service manager failed unexpectedly", "unforeseen");
  }
}
