package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators are shown of both apps, with the programs that they look through. */
class MonitoringIT {

  private static final Path DOCS = Path.of("..", "docs");

  @TempDir static Path directory;

  private static AppProcess server;
  private static AppProcess client;

  @BeforeAll
  static void startBothWithTls() throws Exception {
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
                "--netrng.client.tls.bundle=netrng"));
    client.awaitHealth("/actuator/health/readiness", 200);
  }

  @AfterAll
  static void stopBoth() {
    client.close();
    server.close();
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
    void areAsPrometheusWantsThemAllOfThem() throws Exception {
      for (AppProcess app : List.of(server, client)) {
        Path scrape = Files.writeString(directory.resolve("scrape"), scrape(app));
        assertThat(Machine.run(List.of("sh", "-c", "promtool check metrics < " + scrape)))
            .isEmpty();
      }
    }

    @Test
    void areTheOnesThatTheDocumentationNames() throws IOException {
      String docs = Files.readString(DOCS.resolve("metrics.md"));
      int half = docs.indexOf("\n## Client\n");
      assertThat(shown(scrape(server))).isEqualTo(documented(docs.substring(0, half)));
      assertThat(shown(scrape(client))).isEqualTo(documented(docs.substring(half)));
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
}
