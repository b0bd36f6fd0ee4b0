// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docs/logs.md lists exactly the events that the sources log, with level and keys. */
class LogsTest {

  private static final List<Path> SOURCES =
      Stream.of("common", "server-app", "client-app")
          .map("../netrng-%s/src/main/java"::formatted)
          .map(Path::of)
          .toList();

  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| (error|warn|info|debug|level) \\| `([^|]+)` \\|([^|]*)\\|[^|]*\\|$");
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  /** Keys that other code adds to a line. */
  private static final Map<String, Set<String>> MORE_KEYS =
      Map.ofEntries(
          Map.entry("capture started", Set.of("administrator", "address", "size", "device")),
          Map.entry(
              "administrator acted",
              Set.of(
                  "session", "client", "identity", "hold-off", "guarantee", "ceiling", "device")),
          Map.entry(
              "capture ended",
              Set.of(
                  "administrator",
                  "address",
                  "reason",
                  "bytes",
                  "pieces",
                  "epoch",
                  "first-offset",
                  "last-offset",
                  "device")),
          Map.entry(
              "client connected", Set.of("suppressed", "tls-version", "cipher-suite", "group")),
          Map.entry("admitted by server", Set.of("tls-version", "cipher-suite", "group")),
          Map.entry("client disconnected", Set.of("suppressed")),
          Map.entry("client refused", Set.of("suppressed")),
          Map.entry("TLS handshake failed", Set.of("suppressed")),
          Map.entry("wrong token of a client", Set.of("suppressed")),
          Map.entry("rngd output", Set.of("suppressed")),
          Map.entry("EGD client connected", Set.of("suppressed")),
          Map.entry("EGD client disconnected", Set.of("suppressed")),
          Map.entry("EGD client rejected: too many connections", Set.of("suppressed")),
          Map.entry("EGD client sent an unknown command", Set.of("suppressed")),
          Map.entry("message of the program", Set.of("suppressed")),
          Map.entry(
              "new policy does not fit; the client keeps its rates until it reconnects",
              Set.of("suppressed")));

  private static final Map<String, Event> inSources = new TreeMap<>();
  private static final Map<String, Event> inDocs = new TreeMap<>();

  private record Event(String level, Set<String> keys) {}

  /** Finds the calls of log whose last argument is a message, around a call such as atInfo. */
  private static final class Statements extends TreeScanner<@Nullable Void, @Nullable Void> {

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
      if (nameOf(call).equals("log") && !call.getArguments().isEmpty()) {
        String message = text(call.getArguments().getLast());
        Chain chain = new Chain();
        chain.scan(call, null);
        if (message != null && chain.level != null) {
          chain.keys.addAll(MORE_KEYS.getOrDefault(message, Set.of()));
          inSources.put(message, new Event(chain.level, chain.keys));
        }
      }
      return super.visitMethodInvocation(call, null);
    }
  }

  /** Finds level and keys in one call. */
  private static final class Chain extends TreeScanner<@Nullable Void, @Nullable Void> {

    private final Set<String> keys = new TreeSet<>();
    private @Nullable String level;

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
      String name = nameOf(call);
      if (name.startsWith("at")
          && call.getMethodSelect() instanceof MemberSelectTree select
          && select.getExpression().toString().equals("log")) {
        level = name.substring("at".length()).toLowerCase(Locale.ROOT);
      } else if (name.equals("addKeyValue")) {
        String key = text(call.getArguments().getFirst());
        if (key != null) {
          keys.add(key);
        }
      }
      return super.visitMethodInvocation(call, null);
    }
  }

  private static String nameOf(MethodInvocationTree call) {
    return call.getMethodSelect() instanceof MemberSelectTree select
        ? select.getIdentifier().toString()
        : call.getMethodSelect().toString();
  }

  /** The text of a literal, or of several with + between them; null for anything else. */
  private static @Nullable String text(ExpressionTree expression) {
    return switch (expression) {
      case LiteralTree literal when literal.getValue() instanceof String text -> text;
      case BinaryTree sum -> {
        String left = text(sum.getLeftOperand());
        String right = text(sum.getRightOperand());
        yield left == null || right == null ? null : left + right;
      }
      default -> null;
    };
  }

  @BeforeAll
  static void read() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Path root : SOURCES) {
      try (Stream<Path> files = Files.walk(root)) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources));
      for (CompilationUnitTree source : task.parse()) {
        new Statements().scan(source, null);
      }
    }
    ROW.matcher(Files.readString(Path.of("../docs/logs.md")))
        .results()
        .forEach(row -> inDocs.put(row.group(2), new Event(row.group(1), quoted(row.group(3)))));
  }

  private static Set<String> quoted(String cell) {
    return QUOTED
        .matcher(cell)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theLogTableHasExactlyTheEventsLevelsAndKeysOfTheSources() {
    assertThat(inSources).hasSizeGreaterThan(40);
    assertThat(inDocs).isEqualTo(inSources);
  }

  @Test
  void logKeysHaveTheSameNamesAsMetricLabels() {
    assertThat(inDocs.values().stream().flatMap(event -> event.keys().stream()))
        .contains("client", "device", "reason", "test", "state")
        .doesNotContain("label", "cause", "name");
  }
}
