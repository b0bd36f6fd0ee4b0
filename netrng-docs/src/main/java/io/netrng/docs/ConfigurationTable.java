// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the tables of all properties into docs/configuration.md, from the metadata that the build
 * makes of the properties' Javadoc. Started by {@code make docs} with the page's name.
 */
public final class ConfigurationTable {

  private static final String METADATA = "META-INF/spring-configuration-metadata.json";
  private static final Pattern LIST = Pattern.compile("java\\.util\\.List<(.+)>");

  /** How Javadoc marks code. */
  private static final Pattern CODE = Pattern.compile("\\{@code ([^}]+)}");

  /** The text between two such lines is generated. */
  private static final Pattern PLACE =
      Pattern.compile(
          "(<!-- (netrng\\.\\w+\\.): written by make docs -->\n).*?(<!-- end -->)", Pattern.DOTALL);

  /** What an operator writes for a value of the type. */
  private static final Map<String, String> KINDS =
      Map.ofEntries(
          Map.entry("java.lang.Boolean", "true or false"),
          Map.entry("java.lang.Integer", "whole number"),
          Map.entry("java.lang.Double", "number"),
          Map.entry("java.lang.String", "text"),
          Map.entry("java.nio.file.Path", "path"),
          Map.entry("java.time.Duration", "time"),
          Map.entry("org.springframework.util.unit.DataSize", "size"),
          Map.entry("io.netrng.tls.KeyExchange", "hybrid-preferred or hybrid-required"),
          Map.entry("io.netrng.unit.DataRate", "rate"),
          Map.entry("io.netrng.unit.Percentage", "percentage"),
          Map.entry("io.netrng.client.sink.SinkKind", "rngd or kernel"),
          Map.entry(
              "io.netrng.client.discovery.ServerEntry", "host:port, srv:NAME, mdns: or auto"));

  private final Map<String, JsonNode> properties = new TreeMap<>();

  /** Reads the metadata of both apps. */
  ConfigurationTable() throws IOException {
    JsonMapper mapper = JsonMapper.builder().build();
    ClassLoader loader = ConfigurationTable.class.getClassLoader();
    for (URL url : Collections.list(loader.getResources(METADATA))) {
      try (InputStream in = url.openStream()) {
        for (JsonNode property : mapper.readTree(in).path("properties")) {
          String name = property.path("name").asString();
          if (name.startsWith("netrng.")) {
            properties.put(name, property);
          }
        }
      }
    }
  }

  public static void main(String[] args) throws IOException {
    Path page = Path.of(args[0]);
    Files.writeString(page, new ConfigurationTable().into(Files.readString(page)));
    System.out.println("Written to " + page);
  }

  /** The page with its generated tables. */
  String into(String page) {
    return PLACE
        .matcher(page)
        .replaceAll(place ->
            Matcher.quoteReplacement(place.group(1) + table(place.group(2)) + place.group(3)));
  }

  private String table(String prefix) {
    return properties.keySet().stream()
        .filter(name -> name.startsWith(prefix))
        .map(this::row)
        .collect(
            Collectors.joining("", "| property | value | default | |\n|---|---|---|---|\n", ""));
  }

  private String row(String name) {
    JsonNode property = properties.get(name);
    if (property == null) {
      throw new IllegalStateException(
          name + " is missing in additional-spring-configuration-metadata.json");
    }
    String standard = property.path("defaultValue").asString("");
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            name,
            kind(name, property.path("type").asString()),
            standard.isEmpty() ? "none" : "`" + standard + "`",
            CODE.matcher(property.path("description").asString())
                .replaceAll("`$1`")
                .replace("|", "\\|"));
  }

  private String kind(String name, String type) {
    Matcher list = LIST.matcher(type);
    if (!list.matches()) {
      return known(name, type);
    }
    String element = list.group(1);
    if (KINDS.containsKey(element)) {
      return "list of " + known(name, element);
    }
    requireParts(name, element);
    return "list, see below";
  }

  private static String known(String name, String type) {
    String kind = KINDS.get(type);
    if (kind == null) {
      throw new IllegalStateException(
          "ConfigurationTable has no words for %s, which is %s".formatted(name, type));
    }
    return kind;
  }

  /** The processor says nothing of what is in a list, so it is written by hand: all of it. */
  private void requireParts(String name, String element) {
    try {
      RecordComponent[] parts = Class.forName(element).getRecordComponents();
      Arrays.stream(parts).map(part -> name + "[]." + kebab(part.getName())).forEach(this::row);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
