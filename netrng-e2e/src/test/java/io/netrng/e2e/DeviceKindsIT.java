// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Devices that are no path: a real EGD server, real programs and an emulated TPM. A client takes
 * their bytes to the end of the line, an rngd.
 */
class DeviceKindsIT {

  private static final int BLOCK = 2_500;

  private static final String IGNORES_SIGTERM =
      "exec:sh -c \"trap '' TERM; while :; do head -c 4096 /dev/urandom; sleep 0.1; done\"";

  private static final String WRITES_RUBBISH =
      "exec:sh -c \"head -c 1000000 /dev/urandom >&2; head -c 65536 /dev/urandom\"";

  @TempDir Path directory;

  private static AppProcess server(List<String> prefix, List<String> devices) {
    List<String> properties = new ArrayList<>();
    properties.add("--netrng.server.port=0");
    for (int i = 0; i < devices.size(); i++) {
      properties.add("--netrng.server.source.devices[%d]=%s".formatted(i, devices.get(i)));
    }
    AppProcess server = AppProcess.start(prefix, "server", properties.toArray(String[]::new));
    server.awaitReady();
    return server;
  }

  private static AppProcess client(AppProcess server) {
    return AppProcess.client(
        "--netrng.client.servers=" + server.address(), "--netrng.client.max-rate=unlimited");
  }

  /** The bytes that the server has read from a device. */
  private static double readFrom(AppProcess server, String device) {
    String series =
        "netrng_source_read_bytes_total{device=\"%s\"} ".formatted(device.replace("\"", "\\\""));
    return server
        .get("/actuator/prometheus")
        .body()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .sum();
  }

  private static void awaitMoreFrom(AppProcess server, String device) {
    double before = readFrom(server, device);
    await("more bytes of " + device)
        .atMost(AppProcess.PATIENCE)
        .until(() -> readFrom(server, device) > before + BLOCK);
  }

  private static ProcessHandle childOf(AppProcess server, String program) {
    return await("the server runs " + program)
        .atMost(AppProcess.PATIENCE)
        .until(
            () ->
                server
                    .handle()
                    .children()
                    .filter(child -> child.info().command().orElse("").endsWith("/" + program))
                    .findFirst()
                    .orElse(null),
            child -> child != null);
  }

  @Test
  void anEgdServerFeedsAnRngdAndMayBeRestarted() throws Exception {
    // given
    EntropyBroker broker = new EntropyBroker(directory);
    String device = "egd:" + broker.socket();
    try (AppProcess server = server(List.of(), List.of(device));
        AppProcess client = client(server)) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", 4 * BLOCK);

      // when
      broker.close();

      // then
      server.awaitLog("device failed");
      broker = new EntropyBroker(directory);
      awaitMoreFrom(server, device);
      assertThat(server.log()).doesNotContain("ERROR").doesNotContain("Exception");
    } finally {
      broker.close();
    }
  }

  @Test
  void aTpmFeedsAnRngdAsASocketAndAsADevice() throws Exception {
    // given
    try (SoftwareTpm socket = SoftwareTpm.socket(directory);
        SoftwareTpm character = SoftwareTpm.device(directory);
        AppProcess server =
            server(List.of(), List.of("tpm:" + socket.path(), "tpm:" + character.path()));
        AppProcess client = client(server)) {

      // when
      client.awaitMetric("netrng_rngd_consumed_bytes_total", 4 * BLOCK);

      // then
      awaitMoreFrom(server, "tpm:" + socket.path());
      awaitMoreFrom(server, "tpm:" + character.path());
      assertThat(server.log()).doesNotContain("WARN").doesNotContain("ERROR");

      // when the emulator ends
      socket.kill();

      // then the other TPM goes on
      server.awaitLog("device failed");
      awaitMoreFrom(server, "tpm:" + character.path());
      assertThat(server.log()).doesNotContain("ERROR").doesNotContain("Exception");
    }
  }

  @Test
  void programsAndATpmFeedAnRngdAndNoProcessRemains() throws Exception {
    // given
    Path configuration = directory.resolve("softhsm2.conf");
    Path tokens = Files.createDirectory(directory.resolve("tokens"));
    Files.writeString(configuration, "directories.tokendir = %s\n".formatted(tokens));
    List<String> environment = List.of("env", "SOFTHSM2_CONF=" + configuration);
    List<String> makeToken = new ArrayList<>(environment);
    makeToken.addAll(List.of("softhsm2-util", "--init-token", "--free", "--label", "netrng"));
    makeToken.addAll(List.of("--pin", "1234", "--so-pin", "1234"));
    Machine.run(makeToken);
    String hsm =
        "exec:pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so --generate-random 65536";
    List<ProcessHandle> programs;
    try (SoftwareTpm tpm = SoftwareTpm.socket(directory);
        AppProcess server =
            server(
                environment,
                List.of(
                    hsm,
                    "tpm:" + tpm.path(),
                    IGNORES_SIGTERM,
                    WRITES_RUBBISH,
                    "exec:cat /dev/urandom",
                    "exec:sleep 1000",
                    "exec:sh -c \"exit 3\""));
        AppProcess client = client(server)) {
      client.awaitMetric("netrng_rngd_consumed_bytes_total", 4 * BLOCK);

      // then each device gives bytes, except those that cannot
      for (String device : List.of(hsm, "tpm:" + tpm.path(), IGNORES_SIGTERM, WRITES_RUBBISH)) {
        awaitMoreFrom(server, device);
      }
      assertThat(readFrom(server, "exec:sleep 1000")).isZero();
      server.awaitLog("exited with status 3");

      // when a program is killed
      childOf(server, "cat").destroyForcibly();

      // then it is started again
      server.awaitLog("was killed by signal 9");
      childOf(server, "cat");
      awaitMoreFrom(server, "exec:cat /dev/urandom");

      // and the log has few of the lines on standard error, and no control characters
      assertThat(server.log())
          .contains("message of the program")
          .doesNotContainPattern("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]")
          .doesNotContain("ERROR")
          .hasSizeLessThan(100_000);

      // when the server stops
      programs = server.handle().descendants().toList();
      server.stop();
    }

    // then no program remains
    assertThat(programs).hasSizeGreaterThanOrEqualTo(3).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void aProgramEndsAtItsNextWriteAfterTheServerWasKilled() {
    // given
    try (AppProcess server = server(List.of(), List.of("exec:cat /dev/urandom"))) {
      ProcessHandle program = childOf(server, "cat");

      // when
      server.kill();

      // then
      await("the program ends").atMost(AppProcess.PATIENCE).until(() -> !program.isAlive());
    }
  }
}
