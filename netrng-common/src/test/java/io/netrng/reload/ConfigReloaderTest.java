// SPDX-License-Identifier: Apache-2.0
package io.netrng.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.netrng.service.ServiceManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.TaskScheduler;

/** Reads real files. TlsIT of netrng-e2e tests the thread and the signal. */
@ExtendWith(OutputCaptureExtension.class)
class ConfigReloaderTest {

  @TempDir Path directory;

  private final SslBundleRegistry bundles = mock(SslBundleRegistry.class);
  private final TaskScheduler scheduler = mock(TaskScheduler.class);
  private final AtomicInteger sighups = new AtomicInteger();
  private List<String> valves = List.of();
  private ConfigReloader reloader;

  private void write(String properties) throws IOException {
    Files.writeString(directory.resolve("application.properties"), properties);
  }

  private ConfigReloader reloader(ReloadableProperties<?>... properties) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "commandLineArgs", Map.of("spring.config.location", "file:" + directory + "/")));
    return new ConfigReloader(
        environment,
        bundles,
        scheduler,
        mock(ServiceManager.class),
        "pump",
        sighups::incrementAndGet,
        properties);
  }

  @BeforeEach
  void readOneValve() throws IOException {
    write("netrng.pump.valves=a");
    reloader =
        reloader(
            new ReloadableProperties<>(
                valves, ConfigReloaderTest::valves, changed -> valves = changed));
    reloader.reload();
    assertThat(valves).containsExactly("a");
  }

  private static List<String> valves(Binder binder) {
    return binder.bind("netrng.pump.valves", Bindable.listOf(String.class)).orElse(List.of());
  }

  /** The temporary content of a file that an editor writes in place. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# comment\n", "netrng.pump.valves=a\\u00"})
  void keepsTheValuesIfTheFileIsEmptyOrInvalidAndLogsOneWarning(
      String content, CapturedOutput output) throws Exception {
    write(content);
    reloader.readOnce();
    reloader.readOnce();
    reloader.reload();
    assertThat(valves).containsExactly("a");
    assertThat(output.getOut().lines().filter(line -> line.contains("changed configuration is")))
        .singleElement()
        .asString()
        .contains("WARN", "invalid and ignored");
  }

  @Test
  void keepsTheValuesIfTheFileIsMissing() throws Exception {
    Files.delete(directory.resolve("application.properties"));
    reloader.reload();
    assertThat(valves).containsExactly("a");
  }

  @Test
  void appliesAChangeOfAFileWhenTwoReadingsInARowAreEqual() throws Exception {
    // when half of the file is written
    write("netrng.pump.valves=a,b");
    assertThat(reloader.readOnce()).isTrue();

    // then
    assertThat(valves).containsExactly("a");

    // and when the whole file is written
    write("netrng.pump.valves=a,b,c");
    assertThat(reloader.readOnce()).isTrue();
    assertThat(valves).containsExactly("a");
    assertThat(reloader.readOnce()).isFalse();

    // then
    assertThat(valves).containsExactly("a", "b", "c");
  }

  @Test
  void appliesAChangeOfAFileAtOnceOnSighup() throws Exception {
    write("netrng.pump.valves=b");
    reloader.reload();
    assertThat(valves).containsExactly("b");
  }

  @Test
  void doesNotApplyUnchangedValues() {
    valves = List.of("not touched");
    reloader.reload();
    assertThat(reloader.readOnce()).isFalse();
    assertThat(valves).containsExactly("not touched");
  }

  @Test
  void renewsTheCertificatesOnSighupAlone() {
    reloader.readOnce();
    verify(bundles).updateBundle(eq("pump"), any());
    assertThat(sighups).hasValue(1);
  }

  @Test
  void logsInvalidCertificatesAndCompletesTheReload(CapturedOutput output) throws Exception {
    doThrow(new IllegalStateException("no key")).when(bundles).updateBundle(any(), any());
    write("netrng.pump.valves=b");
    reloader.reload();
    assertThat(output).contains("new certificates are invalid; previous certificates stay in use");
    assertThat(valves).containsExactly("b");
    assertThat(sighups).hasValue(2);
  }

  @Test
  void ignoresASighupWhileTheApplicationStops() {
    when(scheduler.getClock()).thenReturn(Clock.systemUTC());
    when(scheduler.schedule(any(Runnable.class), any(Instant.class)))
        .thenThrow(new TaskRejectedException("stopped"));
    assertThatNoException().isThrownBy(reloader::scheduleReload);
    verify(scheduler).schedule(any(Runnable.class), any(Instant.class));
  }

  @Test
  void readsNoFileWithoutReloadableProperties(CapturedOutput output) throws Exception {
    write("netrng.pump.valves=a\\u00");
    ConfigReloader client = reloader();
    assertThat(client.readOnce()).isFalse();
    assertThat(output).doesNotContain("changed configuration is invalid");
  }
}
