// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart's example values, for several versions of Kubernetes. */
class HelmValuesIT {

  private static final Path SOURCES = Path.of("../charts/netrng");
  private static final List<String> KUBERNETES =
      List.of("1.30.0", "1.31.0", "1.32.0", "1.33.0", "1.34.0", "1.35.0", "1.36.0");

  private static Path chart;

  @BeforeAll
  static void pack() throws Exception {
    chart = Helm.pack();
  }

  static List<Arguments> examplesWithEachHelm() throws IOException {
    try (Stream<Path> examples = Files.list(SOURCES.resolve("ci"))) {
      List<Path> all = examples.sorted().toList();
      assertThat(all).hasSizeGreaterThan(5);
      return all.stream()
          .flatMap(values ->
              Arrays.stream(Helm.values()).map(helm -> Arguments.of(helm, values.getFileName())))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("examplesWithEachHelm")
  void exampleValuesPassLintAndTheChartRulesOnEveryKubernetesVersion(Helm helm, Path name)
      throws Exception {
    Path values = SOURCES.resolve("ci").resolve(name);
    assertThat(helm.run("lint", "--strict", chart.toString(), "--values=" + values))
        .contains("0 chart(s) failed");
    for (String version : KUBERNETES) {
      Rendering rendering = helm.template(chart, "--values=" + values, "--kube-version=" + version);
      assertThat(rendering.objects()).hasSizeGreaterThan(4);
      ChartRules.require(rendering, Files.readString(values));
    }
  }

  @ParameterizedTest
  @EnumSource
  void helmPackageOfTheCheckoutRendersTheSameAsTheArchive(Helm helm, @TempDir Path directory)
      throws Exception {
    // Values without random output, and all of monitoring/, a symbolic link that Helm follows.
    String[] values = {
      "--set=server.device.mode=privileged,tls.mode=plaintext,server.admin.existingSecret=a",
      "--set=monitoring.dashboards.enabled=true,monitoring.prometheusRule.enabled=true"
    };
    String version =
        Rendering.of(helm.run("show", "chart", chart.toString()))
            .objects()
            .getFirst()
            .at("/version")
            .asString();
    helm.run(
        "package",
        SOURCES.toString(),
        "--destination=" + directory,
        "--version=" + version,
        "--app-version=" + version);
    Path packed = directory.resolve(chart.getFileName());
    assertThat(helm.template(packed, values)).isEqualTo(helm.template(chart, values));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "device-plugin|A device plugin must provide the resource squat.ai/hwrng",
        "device-plugin|Helm generated the certificates for a trial",
        "privileged|The namespace must allow privileged pods, because crediting entropy to a kernel requires CAP_SYS_ADMIN",
        "host-addresses|The clients connect to netrng-server.entropy.svc:8989",
        "host-name|The server's certificate must contain the names rng.example.org",
        "existing-secrets|the name in their certificate, rng-client.",
        "plaintext|WARNING: tls.mode=plaintext",
        "listeners|netrng-server-egd.entropy.svc:8991 (mode qemu)",
        "listeners|--cert tls.crt --key tls.key --output random https://netrng-server-api.entropy.svc:8990/v1/random?bytes=32",
      })
  void installNotesShowTheNextStepOfEachExample(String example, String step) throws Exception {
    assertThat(notes(example)).contains(step, "helm test netrng --namespace entropy");
  }

  @Test
  void installNotesRequirePrivilegedPodsOnlyIfAPodHasACapability() throws Exception {
    assertThat(notes("device-plugin")).contains("must allow privileged pods");
    assertThat(notes("kernel")).doesNotContain("privileged", "CAP_SYS_ADMIN");
  }

  private static String notes(String example) throws IOException, InterruptedException {
    // Only Helm 4, because Helm 3 would query a cluster.
    return Helm.V4.run(
        "install",
        "netrng",
        chart.toString(),
        "--namespace=entropy",
        "--dry-run=client",
        "--values=" + SOURCES.resolve("ci").resolve(example + "-values.yaml"));
  }
}
