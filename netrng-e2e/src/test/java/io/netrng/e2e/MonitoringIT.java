// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What operators are shown of both apps, with the programs that they look through. */
class MonitoringIT {

  private static final Path REPOSITORY = Path.of("..");
  private static final Path RULES =
      REPOSITORY.resolve("monitoring/prometheus/netrng-rules.yml").normalize();

  @TempDir static Path directory;

  @AutoClose private static AppProcess server;
  @AutoClose private static AppProcess client;
  @AutoClose private static Prometheus prometheus;

  @BeforeAll
  static void startAllWithTls() throws Exception {
    Path certificates = directory.resolve("certificates");
    Certificates.make(certificates, "127.0.0.1", "web-1");
    server =
        AppProcess.server(
            Certificates.bundle(
                certificates,
                "server",
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.capacity=64KB/s",
                "--netrng.server.tls.bundle=netrng"));
    client =
        AppProcess.client(
            Certificates.bundle(
                certificates,
                "web-1",
                "--netrng.client.servers=" + server.address(),
                "--netrng.client.name=web-1",
                "--netrng.client.egd.listen=" + directory.resolve("egd.sock"),
                "--netrng.client.tls.bundle=netrng"));
    client.awaitHealth("/actuator/health/readiness", 200);
    prometheus = Prometheus.start(configuration(), directory);
  }

  /** The example, with these two apps and less patience. */
  private static Path configuration() throws IOException {
    Files.copy(RULES, directory.resolve(RULES.getFileName()));
    String example = Files.readString(RULES.resolveSibling("prometheus.yml"));
    assertThat(example).contains("localhost:8080", "localhost:8081", ": 15s");
    return Files.writeString(
        directory.resolve("prometheus.yml"),
        example
            .replace("localhost:8080", "127.0.0.1:" + server.httpPort())
            .replace("localhost:8081", "127.0.0.1:" + client.httpPort())
            .replace(": 15s", ": 1s"));
  }

  @Nested
  class TheMetrics {

    private static final Pattern TYPE =
        Pattern.compile("^# TYPE ((?:netrng|ssl)_\\w+) (\\w+)$", Pattern.MULTILINE);
    private static final Pattern ROW =
        Pattern.compile(
            "^\\| `(\\w+)` \\| (\\w+) \\| ([\\w, ]*?) ?\\| [^|]+ \\| [^|]+ \\|$",
            Pattern.MULTILINE);

    @Test
    void metricsPassPromtoolsCheck() throws Exception {
      for (AppProcess app : List.of(server, client)) {
        Path scrape = Files.writeString(directory.resolve("scrape"), scrape(app));
        assertThat(Machine.run(List.of("sh", "-c", "promtool check metrics < " + scrape)))
            .isEmpty();
      }
    }

    @Test
    void metricsHaveTheDocumentedNamesTypesAndLabels() throws IOException {
      String docs = Files.readString(REPOSITORY.resolve("docs/metrics.md"));
      int half = docs.indexOf("\n## Client\n");
      assertThat(shown(scrape(server))).isEqualTo(documented(docs.substring(0, half)));
      Map<String, String> ofClients = shown(scrape(client));
      try (AppProcess other = AppProcess.client("--netrng.client.sink=kernel")) {
        ofClients.putAll(shown(scrape(other)));
      }
      assertThat(ofClients).isEqualTo(documented(docs.substring(half)));
    }

    private static String scrape(AppProcess app) {
      // The first one is not in itself.
      app.get("/actuator/prometheus");
      return app.get("/actuator/prometheus").body();
    }

    /** Each name with its type and its labels. */
    private static Map<String, String> documented(String docs) {
      return ROW.matcher(docs)
          .results()
          .collect(
              Collectors.toMap(
                  row -> row.group(1),
                  row -> row.group(2) + " " + sorted(row.group(3).split(", ")),
                  (one, other) -> one,
                  TreeMap::new));
    }

    private static Map<String, String> shown(String scrape) {
      return TYPE.matcher(scrape)
          .results()
          .collect(
              Collectors.toMap(
                  type -> type.group(1),
                  type -> type.group(2) + " " + labels(scrape, type.group(1)),
                  (one, other) -> one,
                  TreeMap::new));
    }

    private static String labels(String scrape, String name) {
      String labels =
          Pattern.compile("^" + name + "(?:_bucket)?\\{(.*)} ", Pattern.MULTILINE)
              .matcher(scrape)
              .results()
              .findFirst()
              .map(series -> series.group(1))
              .orElse("");
      return sorted(
          Pattern.compile("(\\w+)=\"")
              .matcher(labels)
              .results()
              .map(label -> label.group(1))
              .filter(label -> !label.equals("le"))
              .toArray(String[]::new));
    }

    private static String sorted(String[] labels) {
      return String.join(", ", new TreeSet<>(Arrays.asList(labels)));
    }
  }

  @Nested
  class TheRules {

    private static final Pattern ALERT = Pattern.compile("- alert: \\w+");
    private static final Pattern RUNBOOK = Pattern.compile("runbook_url: (\\S+)");
    private static final Pattern METRIC = Pattern.compile("(?:\\w+:)?(?:netrng|ssl)_[\\w:]+");

    @Test
    void rulesAndExampleConfigurationPassPromtoolsChecksAndTests() throws Exception {
      Machine.run(List.of("promtool", "check", "rules", RULES.toString()));
      Machine.run(
          List.of(
              "promtool", "check", "config", RULES.resolveSibling("prometheus.yml").toString()));
      Machine.run(
          List.of(
              "promtool",
              "test",
              "rules",
              RULES.resolveSibling("netrng-rules-test.yml").toString()));
    }

    @Test
    void rulesEvaluateWithoutErrorsOnExistingMetrics() {
      // given
      awaitScrapes();
      await("all rules are evaluated")
          .atMost(AppProcess.PATIENCE)
          .untilAsserted(() ->
              assertThat(rules())
                  .isNotEmpty()
                  .allSatisfy(r -> assertThat(r.get("health").asString()).isEqualTo("ok")));

      // then
      for (JsonNode rule : rules()) {
        String expression = rule.get("query").asString();
        prometheus.query(expression);
        assertThat(METRIC.matcher(expression).results())
            .allSatisfy(m -> assertThat(prometheus.query(m.group())).as(m.group()).isNotEmpty());
      }
    }

    @Test
    void everyAlertLinksToAnExistingRunbook() throws IOException {
      String rules = Files.readString(RULES);
      assertThat(RUNBOOK.matcher(rules).results())
          .hasSameSizeAs(ALERT.matcher(rules).results().toList())
          .allSatisfy(url -> assertThat(REPOSITORY.resolve(url.group(1))).isNotEmptyFile());
    }

    private static List<JsonNode> rules() {
      return prometheus
          .get("rules")
          .get("groups")
          .valueStream()
          .flatMap(group -> group.get("rules").valueStream())
          .toList();
    }
  }

  @Nested
  class TheDashboards {

    private static final Path GRAFANA = REPOSITORY.resolve("monitoring/grafana");
    private static final Pattern VALUES = Pattern.compile("label_values\\((.*), (\\w+)\\)");

    private static JsonNode dashboard(String app) throws IOException {
      return JsonMapper.shared()
          .readTree(Files.readString(GRAFANA.resolve("netrng-" + app + ".json")));
    }

    /** As Grafana does it, where all is chosen of each variable. */
    private static String substituted(String query) {
      String all = query.replace("$__rate_interval", "30s").replaceAll("\\$\\w+", ".*");
      assertThat(all).doesNotContain("$");
      return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "client"})
    void everyDashboardPanelQueryReturnsData(String app) throws IOException {
      awaitScrapes();
      JsonNode dashboard = dashboard(app);
      List<String> queries =
          dashboard
              .get("panels")
              .valueStream()
              .flatMap(panel -> panel.path("targets").valueStream())
              .map(target -> target.get("expr").asString())
              .toList();
      assertThat(queries)
          .hasSizeGreaterThan(10)
          .allSatisfy(q -> assertThat(prometheus.query(substituted(q))).as(q).isNotEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "client"})
    void everyDashboardVariableHasValues(String app) throws IOException {
      awaitScrapes();
      JsonNode variables = dashboard(app).at("/templating/list");
      assertThat(variables.get(0).get("type").asString()).isEqualTo("datasource");
      for (JsonNode variable : variables.valueStream().skip(1).toList()) {
        Matcher values = VALUES.matcher(variable.at("/query/query").asString());
        assertThat(values.matches()).isTrue();
        JsonNode series = prometheus.query(substituted(values.group(1)));
        assertThat(series).isNotEmpty();
        assertThat(series.get(0).at("/metric/" + values.group(2)).asString()).isNotEmpty();
      }
    }

    @Test
    void dashboardsConformToGrafanasSchema() throws Exception {
      // given the types that Grafana publishes
      Path tools = Files.createDirectories(Path.of("target", "grafana"));
      for (String file : List.of("package.json", "tsconfig.json", "dashboard.ts")) {
        Files.copy(
            Path.of("src", "test", "resources", "grafana", file),
            tools.resolve(file),
            StandardCopyOption.REPLACE_EXISTING);
      }
      Path schema = tools.resolve("schema.json");
      Machine.run(
          List.of(
              "sh",
              "-ec",
              "cd "
                  + tools
                  + "; timeout 120 npm install --ignore-scripts --no-audit --no-fund --no-package-lock"
                  + "; timeout 60 node_modules/.bin/ts-json-schema-generator --path dashboard.ts"
                  + " --tsconfig tsconfig.json --type NetrngDashboard --expose none"
                  + " --out schema.json"));
      Schema dashboards =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
              .getSchema(JsonMapper.shared().readTree(Files.readString(schema)));

      // then
      for (String app : List.of("server", "client")) {
        JsonNode dashboard = dashboard(app);
        assertThat(dashboards.validate(dashboard)).as(app).isEmpty();
        // and it would see what is wrong
        ((ObjectNode) dashboard.at("/panels/1/options")).put("colorMode", "loud");
        assertThat(dashboards.validate(dashboard)).isNotEmpty();
      }
    }
  }

  /** A rate takes two, of each app. */
  private static void awaitScrapes() {
    await("both apps are scraped")
        .atMost(AppProcess.PATIENCE)
        .until(() -> prometheus.query("sum_over_time(up[1m]) >= 3").size() == 2);
  }
}
