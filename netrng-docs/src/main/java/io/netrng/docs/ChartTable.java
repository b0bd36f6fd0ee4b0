package io.netrng.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the table of all values into the chart's README.md: what each means from
 * values.schema.json, what it is by default from values.yaml. Started by {@code make docs} with the
 * chart's directory.
 */
public final class ChartTable {

  /** The text between two such lines is generated. */
  private static final Pattern PLACE =
      Pattern.compile("(<!-- written by make docs -->\n).*?(<!-- end -->)", Pattern.DOTALL);

  private static final int LONGEST_DEFAULT = 50;

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
    Files.writeString(page, new ChartTable(chart).into(Files.readString(page)));
    System.out.println("Written to " + page);
  }

  /** The page with its generated table. */
  String into(String page) {
    StringBuilder rows = new StringBuilder("| value | default | |\n|---|---|---|\n");
    append(rows, "", schema, values);
    return PLACE
        .matcher(page)
        .replaceAll(place -> Matcher.quoteReplacement(place.group(1) + rows + place.group(2)));
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
