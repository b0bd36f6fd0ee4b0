package io.netrng.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every event that the sources log stands in docs/logs.md, as they log it, and no other. */
class LogsTest {

  private static final List<Path> SOURCES =
      Stream.of("common", "server-app", "client-app")
          .map("../netrng-%s/src/main/java"::formatted)
          .map(Path::of)
          .toList();

  /** From the level to the message, the only text that ends a statement. */
  private static final Pattern STATEMENT =
      Pattern.compile("\\blog\\s*\\.at(\\w+)\\(.*?\"([^\"]+)\"\\s*\\)+;", Pattern.DOTALL);

  private static final Pattern KEY = Pattern.compile("addKeyValue\\(\\s*\"([^\"]+)\"");
  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| (error|warn|info|debug|level) \\| `([^|]+)` \\|([^|]*)\\|[^|]*\\|$");
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  /** What comes into a line elsewhere than in its own statement. */
  private static final Map<String, Set<String>> MORE_KEYS =
      Map.of(
          "administrator acted",
          Set.of("session", "client", "identity", "hold-off", "guarantee", "ceiling"),
          "capture ended",
          Set.of("reason", "bytes", "pieces", "epoch", "first-offset", "last-offset"),
          "client connected",
          Set.of("suppressed"),
          "client disconnected",
          Set.of("suppressed"),
          "client refused",
          Set.of("suppressed"),
          "TLS handshake failed",
          Set.of("suppressed"),
          "rngd output",
          Set.of("suppressed"));

  private static final Map<String, Event> inSources = new TreeMap<>();
  private static final Map<String, Event> inDocs = new TreeMap<>();

  private record Event(String level, Set<String> keys) {}

  @BeforeAll
  static void read() throws IOException {
    for (Path root : SOURCES) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          readSource(Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", ""));
        }
      }
    }
    ROW.matcher(Files.readString(Path.of("../docs/logs.md")))
        .results()
        .forEach(row ->
            inDocs.put(row.group(2), new Event(row.group(1), matches(QUOTED, row.group(3)))));
  }

  private static void readSource(String source) {
    STATEMENT
        .matcher(source)
        .results()
        .forEach(statement -> {
          Set<String> keys = matches(KEY, statement.group());
          keys.addAll(MORE_KEYS.getOrDefault(statement.group(2), Set.of()));
          inSources.put(
              statement.group(2), new Event(statement.group(1).toLowerCase(Locale.ROOT), keys));
        });
  }

  private static Set<String> matches(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theTableHasEveryEventOfTheSourcesAndNoOther() {
    assertThat(inSources).hasSizeGreaterThan(40);
    assertThat(inDocs).isEqualTo(inSources);
  }

  @Test
  void theKeysOfTheMetricsAreWrittenAlike() {
    assertThat(inDocs.values().stream().flatMap(event -> event.keys().stream()))
        .contains("client", "device", "reason", "test", "state")
        .doesNotContain("label", "cause", "name");
  }
}
