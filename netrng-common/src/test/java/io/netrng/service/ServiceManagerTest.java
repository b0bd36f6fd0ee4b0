// SPDX-License-Identifier: Apache-2.0
package io.netrng.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class ServiceManagerTest {

  private static final String OWN_PID = Long.toString(ProcessHandle.current().pid());

  @TempDir Path directory;

  private String path() {
    return directory.resolve("notify").toString();
  }

  private static ServiceManager app(Map<String, String> environment) {
    return new ServiceManager(
        environment,
        new ApplicationAvailabilityBean(),
        () -> new ServiceStatus(() -> List.of(), () -> "well"));
  }

  private static ServiceManager toldAt(String address) {
    return app(Map.of("NOTIFY_SOCKET", address));
  }

  @Nested
  class WithAManager {

    @Test
    void notifiesAManagerAtAnAbstractSocketAddress() {
      String name = "netrng-test-" + OWN_PID;
      try (Manager manager = new Manager('\0' + name);
          ServiceManager app = toldAt("@" + name)) {
        app.ready();
        assertThat(manager.next()).isEqualTo("READY=1");
      }
    }

    @Test
    void sendsReloadingAtTheStartOfAReloadAndReadyAtItsEnd() {
      try (Manager manager = new Manager(path());
          ServiceManager app = toldAt(path())) {
        app.ready();
        manager.awaits("READY=1");
        app.reloading(() -> app.sendStatus("half done"));
        assertThat(manager.until("STATUS=half done"))
            .contains("RELOADING=1")
            .doesNotContain("READY=1");
        manager.awaits("READY=1");
      }
    }

    @Test
    void extendsTheWatchdogBeforeAReplacementAndEndsTheExtensionWhenTheAppIsReady() {
      try (Manager manager = new Manager(path());
          ServiceManager app = app(Map.of("NOTIFY_SOCKET", path(), "WATCHDOG_USEC", "30000000"))) {
        app.replacing(Duration.ofMinutes(3));
        assertThat(manager.next())
            .isEqualTo("WATCHDOG_USEC=180000000\nSTATUS=replacing the program");
        app.ready();
        assertThat(manager.next()).isEqualTo("WATCHDOG_USEC=30000000\nREADY=1");
      }
    }

    @Test
    void setsNoWatchdogWhereTheManagerHasNone() {
      try (Manager manager = new Manager(path());
          ServiceManager app = toldAt(path())) {
        app.replacing(Duration.ofMinutes(3));
        assertThat(manager.next()).isEqualTo("STATUS=replacing the program");
        app.ready();
        assertThat(manager.next()).isEqualTo("READY=1");
      }
    }

    @Test
    void sendsReadyAfterAReloadThatFails() {
      try (Manager manager = new Manager(path());
          ServiceManager app = toldAt(path())) {
        app.ready();
        assertThatThrownBy(() ->
                app.reloading(() -> {
                  throw new IllegalStateException("unforeseen");
                }))
            .hasMessage("unforeseen");
        manager.awaits("READY=1");
        manager.awaits("RELOADING=1");
        manager.awaits("READY=1");
      }
    }

    @Test
    void runsAReloadBeforeTheAppIsReadyWithoutANotification() {
      try (Manager manager = new Manager(path());
          ServiceManager app = toldAt(path())) {
        AtomicInteger reloads = new AtomicInteger();
        app.reloading(reloads::incrementAndGet);
        app.stopping();
        assertThat(manager.next()).isEqualTo("STOPPING=1");
        assertThat(reloads).hasValue(1);
      }
    }

    @Test
    void sendsAnUnchangedStatusOnceAndReplacesItsLineBreaks() {
      try (Manager manager = new Manager(path());
          ServiceManager app = toldAt(path())) {
        app.sendStatus("stream down (full)\nMAINPID=1");
        app.sendStatus("stream down (full)\nMAINPID=1");
        app.sendStatus("stream up");
        assertThat(manager.next()).isEqualTo("STATUS=stream down (full) MAINPID=1");
        assertThat(manager.next()).isEqualTo("STATUS=stream up");
      }
    }
  }

  @Nested
  class WithoutAManager {

    @Test
    void logsNothingWithoutAManager(CapturedOutput output) {
      try (ServiceManager app = app(Map.of())) {
        app.ready();
        app.reloading(() -> {});
        app.sendStatus("well");
        app.stopping();
      }
      assertThat(output).isEmpty();
    }

    @Test
    void logsOneWarningForASocketAddressThatCannotBeUsed(CapturedOutput output) {
      for (String address : new String[] {path(), "vsock:2:1"}) {
        try (ServiceManager app = toldAt(address)) {
          app.ready();
        }
      }
      assertThat(output.getOut().lines())
          .hasSize(2)
          .allSatisfy(
              line -> assertThat(line).contains("WARN", "service manager cannot be notified"))
          .anySatisfy(line -> assertThat(line).contains("FileNotFoundException"))
          .anySatisfy(line -> assertThat(line).contains("vsock:2:1 is no unix socket"));
    }
  }

  @Nested
  class TheWatchdog {

    private static Duration of(Map<String, String> environment) {
      try (ServiceManager app = app(environment)) {
        return app.watchdog();
      }
    }

    @Test
    void usesTheWatchdogTimeoutOfTheManager() {
      assertThat(of(Map.of("WATCHDOG_USEC", "30000000"))).isEqualTo(Duration.ofSeconds(30));
      assertThat(of(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", OWN_PID)))
          .isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void disablesTheWatchdogWithoutAValidTimeoutForThisProcess() {
      assertThat(of(Map.of())).isZero();
      assertThat(of(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "1"))).isZero();
      assertThat(of(Map.of("WATCHDOG_USEC", "soon"))).isZero();
    }
  }
}
