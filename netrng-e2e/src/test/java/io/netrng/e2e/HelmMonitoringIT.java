// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart's objects for Prometheus and Grafana equal the files in monitoring/. */
class HelmMonitoringIT {

  private static final Path MONITORING = Path.of("../monitoring");

  private static Rendering plain;
  private static Rendering example;

  @BeforeAll
  static void render() throws Exception {
    Path chart = Helm.pack();
    plain =
        Helm.V4.template(
            chart,
            "--set=server.device.mode=devicePlugin",
            "--set=monitoring.prometheusRule.enabled=true");
    example = Helm.V4.template(chart, "--values=../charts/netrng/ci/privileged-values.yaml");
  }

  @TempDir private Path directory;

  @Test
  void renderedRulesEqualTheRepositorysAndPassTheirTests() throws Exception {
    // given
    JsonNode spec = plain.one("PrometheusRule", "netrng").at("/spec");
    Path sources = MONITORING.resolve("prometheus");
    assertThat(spec)
        .isEqualTo(
            Rendering.of(Files.readString(sources.resolve("netrng-rules.yml")))
                .objects()
                .getFirst());

    // when
    Path rules = Files.writeString(directory.resolve("netrng-rules.yml"), spec.toString());
    Path tests =
        Files.copy(
            sources.resolve("netrng-rules-test.yml"), directory.resolve("netrng-rules-test.yml"));

    // then
    Machine.run(List.of("promtool", "check", "rules", rules.toString()));
    Machine.run(List.of("promtool", "test", "rules", tests.toString()));
  }

  @Test
  void alertsUseTheConfiguredRunbookBaseUrl() throws Exception {
    assertThat(example.one("PrometheusRule", "netrng").findValuesAsString("runbook_url"))
        .isNotEmpty()
        .allMatch(url -> url.startsWith("https://git.example.org/netrng/docs/runbooks/"));
  }

  @Test
  void podMonitorsSetTheJobNamesThatTheAlertsUse() throws Exception {
    assertThat(example.all("PodMonitor"))
        .extracting(monitor ->
            monitor.at("/spec/podMetricsEndpoints/0/relabelings/0/replacement").asString())
        .containsExactlyInAnyOrder("netrng-server", "netrng-client");
  }

  @Test
  void renderedDashboardsEqualTheRepositorys() throws Exception {
    JsonNode map = example.one("ConfigMap", "netrng-dashboards");
    assertThat(map.at("/metadata/labels/grafana_dashboard").asString()).isEqualTo("1");
    assertThat(map.at("/data").propertyNames())
        .containsExactlyInAnyOrder("netrng-server.json", "netrng-client.json");
    for (String name : map.at("/data").propertyNames()) {
      JsonNode dashboard = JsonMapper.shared().readTree(map.at("/data").get(name).asString());
      Path source = MONITORING.resolve("grafana").resolve(name);
      assertThat(dashboard).isEqualTo(JsonMapper.shared().readTree(Files.readString(source)));
    }
  }
}
