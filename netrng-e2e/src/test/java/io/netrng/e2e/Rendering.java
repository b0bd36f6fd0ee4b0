// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The objects that Helm renders from a chart.
 *
 * @param objects in the order of Helm's output
 */
record Rendering(List<JsonNode> objects) {

  /** Parses YAML. A duplicate key is an error, as in a cluster. */
  static Rendering of(String yaml) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    Iterable<Object> documents = new Yaml(new SafeConstructor(options)).loadAll(yaml);
    return new Rendering(
        StreamSupport.stream(documents.spliterator(), false)
            .filter(Objects::nonNull)
            .<JsonNode>map(document -> JsonMapper.shared().valueToTree(document))
            .toList());
  }

  /** Adds the objects that already exist in the cluster. */
  Rendering and(Rendering others) {
    return new Rendering(Stream.concat(objects.stream(), others.objects.stream()).toList());
  }

  static String kind(JsonNode object) {
    return object.at("/kind").asString();
  }

  static String name(JsonNode object) {
    return object.at("/metadata/name").asString();
  }

  Stream<JsonNode> all(String kind) {
    return objects.stream().filter(object -> kind(object).equals(kind));
  }

  boolean has(String kind, String name) {
    return all(kind).anyMatch(object -> name(object).equals(name));
  }

  JsonNode one(String kind, String name) {
    return all(kind).filter(object -> name(object).equals(name)).findFirst().orElseThrow();
  }

  /**
   * Returns the pods of all workloads, and single pods: each element with labels in its metadata
   * and a spec.
   */
  List<JsonNode> pods() {
    List<JsonNode> pods = new ArrayList<>(all("Pod").toList());
    Stream.of("DaemonSet", "Deployment")
        .flatMap(this::all)
        .map(workload -> workload.at("/spec/template"))
        .forEach(pods::add);
    return pods;
  }

  /** Returns the pod of a server, a client or the test. */
  JsonNode pod(String component) {
    return pods().stream()
        .filter(pod -> component(pod).equals(component))
        .findFirst()
        .orElseThrow();
  }

  boolean hasPod(String component) {
    return pods().stream().anyMatch(pod -> component(pod).equals(component));
  }

  static String component(JsonNode pod) {
    return pod.at("/metadata/labels/app.kubernetes.io~1component").asString();
  }

  List<JsonNode> selectedBy(JsonNode matchLabels) {
    return pods().stream()
        .filter(pod ->
            matchLabels.properties().stream()
                .allMatch(label ->
                    label.getValue().equals(pod.at("/metadata/labels").get(label.getKey()))))
        .toList();
  }

  /** Returns the properties that an app reads. */
  Properties properties(String component) {
    String text =
        all("ConfigMap")
            .map(map -> map.at("/data/" + component + ".properties"))
            .filter(JsonNode::isString)
            .findFirst()
            .orElseThrow()
            .asString();
    try {
      Properties properties = new Properties();
      properties.load(new StringReader(text));
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the entries of a Secret or ConfigMap. */
  static Map<String, String> data(JsonNode object) {
    return object.at("/data").properties().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry ->
                    kind(object).equals("Secret")
                        ? decoded(entry.getValue().asString())
                        : entry.getValue().asString()));
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
