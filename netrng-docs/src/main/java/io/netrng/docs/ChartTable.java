// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the table of all values into the chart's README.md, and comments into values.yaml. The
 * meanings are from values.schema.json, the defaults from values.yaml. Started by {@code make docs}
 * with the chart's directory.
 */
public final class ChartTable {

  /** The text between two such lines is generated. */
  private static final Pattern PLACE =
      Pattern.compile("(<!-- written by make docs -->\n).*?(<!-- end -->)", Pattern.DOTALL);

  private static final int LONGEST_DEFAULT = 50;

  /** A line of values.yaml with a key. */
  private static final Pattern KEY = Pattern.compile("^( *)([A-Za-z]+):.*$");

  private static final Pattern COMMENT = Pattern.compile("^ *#.*$");

  private static final int INDENT = 2;
  private static final int LINE_LENGTH = 100;

  /** Helm's own, which users do not set. */
  private static final String GLOBAL = "global";

  private final JsonNode schema;
  private final JsonNode values;

  /** Reads a chart. */
  ChartTable(Path chart) throws IOException {
    JsonMapper mapper = JsonMapper.shared();
    schema = mapper.readTree(Files.readString(chart.resolve("values.schema.json")));
    Object yaml =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(Files.readString(chart.resolve("values.yaml")));
    values = mapper.valueToTree(yaml);
  }

  public static void main(String[] args) throws IOException {
    Path chart = Path.of(args[0]);
    Path page = chart.resolve("README.md");
    Path values = chart.resolve("values.yaml");
    ChartTable table = new ChartTable(chart);
    Files.writeString(page, table.into(Files.readString(page)));
    Files.writeString(values, table.commented(Files.readString(values)));
    System.out.println("Written to " + page + " and " + values);
  }

  /** The page with its generated table. */
  String into(String page) {
    StringBuilder rows = new StringBuilder("| value | default | |\n|---|---|---|\n");
    append(rows, "", schema, values);
    return PLACE
        .matcher(page)
        .replaceAll(place -> Matcher.quoteReplacement(place.group(1) + rows + place.group(2)));
  }

  /** The values with the meaning of each as a comment, in place of all other comments. */
  String commented(String yaml) {
    StringBuilder text = new StringBuilder();
    List<String> path = new ArrayList<>();
    for (String line : yaml.split("\n", -1)) {
      Matcher key = KEY.matcher(line);
      if (key.matches()) {
        String indent = key.group(1);
        path.subList(Math.min(path.size(), indent.length() / INDENT), path.size()).clear();
        path.add(key.group(2));
        meaning(path).ifPresent(meaning -> comment(text, indent + "#", meaning));
      }
      if (!COMMENT.matcher(line).matches()) {
        text.append(line).append('\n');
      }
    }
    return text.substring(0, text.length() - 1);
  }

  private static void comment(StringBuilder text, String mark, String meaning) {
    StringBuilder line = new StringBuilder(mark);
    for (String word : meaning.split(" ", -1)) {
      if (line.length() + 1 + word.length() > LINE_LENGTH) {
        text.append(line).append('\n');
        line = new StringBuilder(mark);
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }

  private Optional<String> meaning(List<String> path) {
    JsonNode node = schema;
    JsonNode what = schema;
    for (String key : path) {
      what = node.path("properties").path(key);
      node = resolved(what);
    }
    return what.has("description")
        ? Optional.of(what.get("description").asString())
        : Optional.empty();
  }

  private void append(StringBuilder rows, String path, JsonNode object, JsonNode defaults) {
    for (Map.Entry<String, JsonNode> property : object.get("properties").properties()) {
      String name = path + property.getKey();
      if (name.equals(GLOBAL)) {
        continue;
      }
      JsonNode standard = defaults.get(property.getKey());
      if (standard == null) {
        throw new IllegalStateException(name + " is missing in values.yaml");
      }
      JsonNode what = property.getValue();
      JsonNode parts = resolved(what);
      if (what.has("description")) {
        rows.append("| `%s` | %s | %s |\n".formatted(name, text(standard), description(what)));
      } else if (parts.has("properties")) {
        append(rows, name + ".", parts, standard);
      } else {
        throw new IllegalStateException(name + " has no description in values.schema.json");
      }
    }
  }

  private JsonNode resolved(JsonNode what) {
    return what.has("$ref") ? schema.at(what.get("$ref").asString().substring(1)) : what;
  }

  private static String description(JsonNode what) {
    return what.get("description").asString().replace("|", "\\|");
  }

  private static String text(JsonNode standard) {
    String text = standard.isString() ? standard.asString() : standard.toString();
    if (text.isEmpty() || (standard.isContainer() && standard.isEmpty())) {
      return "none";
    }
    return text.length() > LONGEST_DEFAULT ? "[values.yaml](values.yaml)" : "`" + text + "`";
  }
}
