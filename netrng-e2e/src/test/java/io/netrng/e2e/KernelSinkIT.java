// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client's sink kernel, on this machine's kernel. */
class KernelSinkIT {

  private static final Pattern CREDIT =
      Pattern.compile(
          "ioctl\\(\\d+, RNDADDENTROPY, \\{entropy_count=(\\d+), buf_size=(\\d+), .*\\) += 0");
  private static final Pattern RESEED = Pattern.compile("RNDRESEEDCRNG\\) += 0");
  private static final List<String> WITHOUT_CAPABILITY =
      List.of("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin");

  @TempDir private Path dir;

  private static AppProcess server() {
    return AppProcess.server("--netrng.server.source.devices=" + Machine.device());
  }

  private static AppProcess client(List<String> prefix, AppProcess server, String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("--netrng.client.sink=kernel");
    all.add("--netrng.client.servers=" + server.address());
    return AppProcess.start(prefix, "client", all.toArray(String[]::new));
  }

  /** The calls of a process, without the bytes. */
  private static Process trace(AppProcess app, Path calls) throws IOException {
    return new ProcessBuilder(
            "strace",
            "-f",
            "-s",
            "0",
            "-e",
            "trace=ioctl",
            "-o",
            calls.toString(),
            "-p",
            "" + app.handle().pid())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** A sample of 2,048 bytes is spread over the 32 s until the next one. */
  @Test
  void feedsTheKernelEachSecondAtTheLowestGuarantee() throws Exception {
    try (AppProcess server =
            AppProcess.server(
                "--netrng.server.source.devices=" + Machine.device(),
                "--netrng.server.sample-size=2KB",
                "--netrng.server.clients[0].name=*",
                "--netrng.server.clients[0].guarantee=64B/s",
                "--netrng.server.clients[0].ceiling=64B/s");
        AppProcess client = client(List.of(), server)) {
      // given
      client.awaitStarted();
      client.awaitMetric("netrng_kernel_fed_bytes_total", 1);
      long begun = System.nanoTime();
      double reseeds = client.metric("netrng_kernel_reseeds_total");

      // when
      await("the third sample")
          .atMost(2, TimeUnit.MINUTES)
          .until(() -> client.metric("netrng_received_bytes_total") >= 3 * 2_048);

      // then the sink holds less than a sample of the first two, to last until the next one
      double seconds = (System.nanoTime() - begun) / 1e9;
      assertThat(client.metric("netrng_kernel_fed_bytes_total"))
          .as("bytes that the kernel got of the first two samples")
          .isGreaterThan(1.25 * 2_048);
      assertThat(client.metric("netrng_kernel_reseeds_total") - reseeds)
          .as("reseeds in %.1f s, each with 32 bytes or more", seconds)
          .isGreaterThan(0.8 * seconds);
    }
  }

  @Test
  void creditsTheConfiguredBitsAndReseedsTheKernelAgainAndAgain() throws Exception {
    try (AppProcess server = server();
        AppProcess client =
            client(List.of(), server, "--netrng.client.kernel.credit-bits-per-byte=5")) {
      // given
      client.awaitStarted();
      client.awaitMetric("netrng_kernel_fed_bytes_total", 1);

      // when
      Path calls = dir.resolve("calls");
      Process strace = trace(client, calls);
      try {
        // then
        await("the kernel takes parts and reseeds")
            .atMost(AppProcess.PATIENCE)
            .untilAsserted(() -> {
              assertThat(calls).content().containsPattern(RESEED).containsPattern(CREDIT);
              assertThat(RESEED.matcher(Files.readString(calls)).results())
                  .hasSizeGreaterThanOrEqualTo(3);
            });
      } finally {
        strace.destroy();
        strace.waitFor();
      }
      List<MatchResult> credits = CREDIT.matcher(Files.readString(calls)).results().toList();
      assertThat(credits)
          .allSatisfy(credit -> {
            int size = Integer.parseInt(credit.group(2));
            assertThat(size).isGreaterThanOrEqualTo(32);
            assertThat(Integer.parseInt(credit.group(1))).isEqualTo(5 * size);
          });
      double credited = client.metric("netrng_kernel_credited_bits_total");
      assertThat(credited).isLessThanOrEqualTo(5 * client.metric("netrng_kernel_fed_bytes_total"));
      assertThat(client.metric("netrng_kernel_reseeds_total")).isGreaterThanOrEqualTo(3);
      assertThat(client.metric("netrng_kernel_failures_total")).isZero();
      assertThat(client.metric("netrng_kernel_test_failures_total")).isZero();

      // and there is no rngd
      assertThat(client.handle().children()).isEmpty();
      client.awaitHealth("/actuator/health/readiness", 200);
      assertThat(client.get("/actuator/health").body())
          .contains("\"creditBitsPerByte\":5", "\"reseeds\":")
          .doesNotContain("rngd");
      assertThat(client.get("/actuator/prometheus").body())
          .contains("netrng_kernel_taken_timestamp_seconds")
          .doesNotContain("netrng_rngd_");
      assertThat(Machine.warnings(client.log())).isEmpty();
    }
  }

  @Test
  void withoutTheCapabilityAndWithoutCreditTheBytesAreMixedIn() {
    try (AppProcess server = server();
        AppProcess client =
            client(WITHOUT_CAPABILITY, server, "--netrng.client.kernel.credit-bits-per-byte=0")) {
      client.awaitStarted();
      client.awaitMetric("netrng_kernel_fed_bytes_total", 64);
      assertThat(client.metric("netrng_kernel_credited_bits_total")).isZero();
      assertThat(client.metric("netrng_kernel_reseeds_total")).isZero();
      assertThat(client.log()).contains("the kernel gets no credit and no reseed");
      client.awaitHealth("/actuator/health/readiness", 200);
    }
  }

  @Test
  void withoutTheCapabilityCreditStopsTheStartWithTheFix() throws Exception {
    try (AppProcess server = server();
        AppProcess client = client(WITHOUT_CAPABILITY, server)) {
      assertThat(client.exitCode()).isNotZero();
      assertThat(client.log())
          .contains(
              "There is no right to credit entropy to the kernel: no CAP_SYS_ADMIN.",
              "netrng.client.kernel.credit-bits-per-byte=0")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aSessionThatEndsLeavesNothingForTheKernelAndTheNextOneFeedsAtOnce() {
    try (AppProcess server = server();
        AppProcess client = client(List.of(), server)) {
      // given
      client.awaitStarted();
      client.awaitMetric("netrng_kernel_fed_bytes_total", 1);
      int port = server.streamPort();
      server.stop();
      client.awaitHealth("/actuator/health/stream", 503);
      double before = client.metric("netrng_kernel_fed_bytes_total");

      // when
      try (AppProcess _ =
          AppProcess.server(port, "--netrng.server.source.devices=" + Machine.device())) {
        // then
        client.awaitMetric("netrng_kernel_fed_bytes_total", before + 32);
      }
    }
  }
}
