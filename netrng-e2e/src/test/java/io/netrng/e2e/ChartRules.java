// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Rules for the objects of every rendering, without which a cluster would reject them or run them
 * differently.
 */
final class ChartRules {

  private static final Set<String> TLS_KEYS = Set.of("tls.crt", "tls.key", "ca.crt");
  private static final String CREDIT = "netrng.client.kernel.credit-bits-per-byte";

  private final Rendering rendering;
  private final String values;

  private ChartRules(Rendering rendering, String values) {
    this.rendering = rendering;
    this.values = values;
  }

  /**
   * Checks all rules.
   *
   * @param values the user's values, whose objects may already exist
   */
  static void require(Rendering rendering, String values) throws IOException {
    ChartRules rules = new ChartRules(rendering, values);
    rendering.objects().forEach(KubernetesApi::requireKnownFields);
    rules.requireNames();
    for (JsonNode pod : rendering.pods()) {
      rules.requireVolumes(pod);
      rules.requireRights(pod);
      requireProbes(pod);
    }
    rules.requireTest();
    rules.requireSelectors();
    rules.requirePolicies();
    for (String component : List.of("server", "client")) {
      if (rendering.hasPod(component)) {
        rules.requireProperties(component);
      }
    }
  }

  private void requireNames() {
    assertThat(rendering.objects())
        .extracting(object -> Rendering.kind(object) + "/" + Rendering.name(object))
        .doesNotHaveDuplicates();
    for (JsonNode object : rendering.objects()) {
      assertThat(Rendering.name(object)).hasSizeBetween(1, 63);
      assertThat(object.at("/metadata/namespace").asString()).isEqualTo("entropy");
      for (String texts : List.of("/metadata/labels", "/metadata/annotations", "/data")) {
        assertThat(object.at(texts).values()).as(texts).allMatch(JsonNode::isString);
      }
    }
  }

  private void requireVolumes(JsonNode pod) {
    List<String> volumes = names(pod.at("/spec/volumes"));
    List<String> mounts =
        containers(pod).flatMap(c -> names(c.at("/volumeMounts")).stream()).toList();
    assertThat(mounts).doesNotHaveDuplicates().hasSameElementsAs(volumes);
    Stream<JsonNode> sources =
        pod.at("/spec/volumes")
            .valueStream()
            .flatMap(v -> Stream.concat(Stream.of(v), v.at("/projected/sources").valueStream()));
    for (JsonNode source : sources.toList()) {
      requireThere("ConfigMap", source.at("/configMap/name"));
      requireThere("Secret", source.at("/secret/secretName"));
      requireThere("Secret", source.at("/secret/name"));
    }
    requireThere("ServiceAccount", pod.at("/spec/serviceAccountName"));
    pod.at("/spec/imagePullSecrets")
        .valueStream()
        .forEach(s -> requireThere("Secret", s.at("/name")));
  }

  /** The test checks each workload of the release and has a role that permits it. */
  private void requireTest() {
    List<String> workloads =
        kinds("DaemonSet", "Deployment").stream()
            .map(w ->
                "%ss/%s".formatted(Rendering.kind(w).toLowerCase(Locale.ROOT), Rendering.name(w)))
            .toList();
    JsonNode test = rendering.pod("test");
    assertThat(
            test.at("/spec/containers/0/command")
                .valueStream()
                .map(JsonNode::asString)
                .filter(argument -> argument.contains("sets/") || argument.contains("ments/")))
        .containsExactlyInAnyOrderElementsOf(workloads);
    JsonNode rule = rendering.all("Role").findFirst().orElseThrow().at("/rules/0");
    assertThat(rule.at("/verbs").toString()).isEqualTo("[\"get\"]");
    for (String workload : workloads) {
      String[] parts = workload.split("/", -1);
      assertThat(rule.at("/resources").toString()).contains(parts[0]);
      assertThat(rule.at("/resourceNames").toString()).contains("\"" + parts[1] + "\"");
    }
    JsonNode binding = rendering.all("RoleBinding").findFirst().orElseThrow();
    assertThat(binding.at("/subjects/0/name")).isEqualTo(test.at("/spec/serviceAccountName"));
    assertThat(binding.at("/roleRef/name").asString())
        .isEqualTo(Rendering.name(rendering.all("Role").findFirst().orElseThrow()));
  }

  /** The object is rendered, belongs to the user, or is created by cert-manager. */
  private void requireThere(String kind, JsonNode name) {
    boolean isDefaultAccount = kind.equals("ServiceAccount") && name.asString("").equals("default");
    if (!name.isMissingNode() && !isDefaultAccount) {
      boolean isMade =
          rendering
              .all("Certificate")
              .anyMatch(certificate -> certificate.at("/spec/secretName").equals(name));
      assertThat(rendering.has(kind, name.asString()) || isMade || values.contains(name.asString()))
          .as("%s %s exists", kind, name)
          .isTrue();
    }
  }

  /** The minimum privileges that work on a real kubelet. */
  private void requireRights(JsonNode pod) {
    assertThat(pod.at("/spec/automountServiceAccountToken").asBoolean(true))
        .isEqualTo(Rendering.component(pod).equals("test"));
    assertThat(pod.at("/spec/enableServiceLinks").asBoolean(true)).isFalse();
    assertThat(pod.at("/spec/securityContext/seccompProfile/type").asString())
        .isIn("RuntimeDefault", "Localhost");
    assertThat(pod.at("/spec/hostUsers").isMissingNode()).isTrue();
    String component = Rendering.component(pod);
    JsonNode user = pod.at("/spec/securityContext/runAsUser");
    assertThat(user.asInt() == 0).isEqualTo(!component.equals("test"));
    JsonNode rights = pod.at("/spec/containers/0/securityContext");
    assertThat(rights.at("/readOnlyRootFilesystem").asBoolean()).isTrue();
    boolean isPrivileged = rights.at("/privileged").asBoolean(false);
    boolean hasHostPath =
        pod.at("/spec/volumes").valueStream().anyMatch(volume -> volume.has("hostPath"));
    assertThat(hasHostPath).isEqualTo(isPrivileged);
    if (isPrivileged) {
      assertThat(component).isEqualTo("server");
      return;
    }
    assertThat(rights.at("/capabilities/drop").toString()).isEqualTo("[\"ALL\"]");
    boolean isCrediting =
        component.equals("client")
            && !rendering.properties("client").getProperty(CREDIT, "8").equals("0");
    assertThat(rights.at("/capabilities/add").toString())
        .isEqualTo(isCrediting ? "[\"SYS_ADMIN\"]" : "");
    assertThat(rights.at("/allowPrivilegeEscalation").asBoolean()).isEqualTo(isCrediting);
  }

  private static void requireProbes(JsonNode pod) {
    for (JsonNode container : containers(pod).toList()) {
      assertThat(container.at("/env").valueStream())
          .allMatch(env -> env.at("/value").isString() || env.has("valueFrom"));
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        if (container.has(probe)) {
          JsonNode port = container.at("/" + probe + "/httpGet/port");
          assertThat(names(container.at("/ports"))).contains(port.asString());
        } else {
          assertThat(Rendering.component(pod)).as("has no %s", probe).isEqualTo("test");
        }
      }
      assertThat(
              container.at("/terminationMessagePolicy").asString("").equals("FallbackToLogsOnError")
                  || Rendering.component(pod).equals("test"))
          .isTrue();
    }
  }

  private void requireSelectors() {
    for (JsonNode workload :
        kinds("DaemonSet", "Deployment", "PodDisruptionBudget", "PodMonitor")) {
      List<JsonNode> pods = rendering.selectedBy(workload.at("/spec/selector/matchLabels"));
      assertThat(pods).as(Rendering.name(workload)).hasSize(1);
      for (JsonNode endpoint : workload.at("/spec/podMetricsEndpoints").valueStream().toList()) {
        assertThat(ports(pods.getFirst())).contains(endpoint.at("/port").asString());
      }
    }
    for (JsonNode service : kinds("Service")) {
      JsonNode selector = service.at("/spec/selector");
      if (selector.isMissingNode()) {
        assertThat(kinds("EndpointSlice"))
            .as("a Service without a selector has EndpointSlices")
            .anyMatch(slice ->
                slice
                    .at("/metadata/labels/kubernetes.io~1service-name")
                    .asString()
                    .equals(Rendering.name(service)));
      } else {
        List<JsonNode> pods = rendering.selectedBy(selector);
        assertThat(pods).as(Rendering.name(service)).hasSize(1);
        assertThat(ports(pods.getFirst()))
            .containsAll(
                service
                    .at("/spec/ports")
                    .valueStream()
                    .map(port -> port.at("/targetPort").asString())
                    .toList());
      }
    }
  }

  private void requirePolicies() {
    for (JsonNode policy : kinds("NetworkPolicy")) {
      List<JsonNode> pods = rendering.selectedBy(policy.at("/spec/podSelector/matchLabels"));
      assertThat(pods).as(Rendering.name(policy)).hasSize(1);
      assertThat(
              policy.at("/spec/ingress").valueStream().flatMap(i -> i.at("/ports").valueStream()))
          .allMatch(port -> ports(pods.getFirst()).contains(port.at("/port").asString()));
      // A peer is a component of this release. The release may not contain it.
      assertThat(policy.at("/spec").findValues("from").stream().flatMap(JsonNode::valueStream))
          .allMatch(peer ->
              !peer.has("podSelector")
                  || peer.at("/podSelector/matchLabels/app.kubernetes.io~1component")
                      .asString()
                      .equals("client"));
    }
  }

  /** Each property exists, and each file that a property names is mounted. */
  private void requireProperties(String component) throws IOException {
    String known = Files.readString(Path.of("../docs/configuration.md"));
    Properties properties = rendering.properties(component);
    JsonNode pod = rendering.pod(component);
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith("netrng.")) {
        assertThat(known).contains("`" + name.replaceAll("\\[\\d+]", "[]") + "`");
      }
      String value = properties.getProperty(name).replaceFirst("^file:", "");
      if (name.endsWith("-directory")) {
        assertThat(pod.at("/spec/containers/0/volumeMounts").findValuesAsString("mountPath"))
            .as(name)
            .contains(value);
      } else if (value.startsWith("/run/")) {
        assertThat(files(pod)).as(name).contains(value);
      }
    }
  }

  /**
   * Returns the mounted files, as far as they are known: the files of TLS Secrets follow from their
   * kind.
   */
  private Set<String> files(JsonNode pod) {
    Map<String, JsonNode> volumes =
        pod.at("/spec/volumes")
            .valueStream()
            .collect(Collectors.toMap(volume -> volume.at("/name").asString(), volume -> volume));
    return pod.at("/spec/containers/0/volumeMounts")
        .valueStream()
        .flatMap(mount -> {
          String name = mount.at("/name").asString();
          JsonNode secret = volumes.get(name).at("/secret/secretName");
          Set<String> keys =
              rendering.has("Secret", secret.asString())
                  ? rendering.one("Secret", secret.asString()).at("/data").propertyNames().stream()
                      .collect(Collectors.toSet())
                  : name.equals("tls") ? TLS_KEYS : Set.of("token");
          return keys.stream().map(key -> mount.at("/mountPath").asString() + "/" + key);
        })
        .collect(Collectors.toSet());
  }

  private List<JsonNode> kinds(String... kinds) {
    return Stream.of(kinds).flatMap(rendering::all).toList();
  }

  private static Stream<JsonNode> containers(JsonNode pod) {
    return pod.at("/spec/containers").valueStream();
  }

  private static List<String> names(JsonNode named) {
    return named.valueStream().map(one -> one.at("/name").asString()).toList();
  }

  private static List<String> ports(JsonNode pod) {
    return containers(pod).flatMap(c -> names(c.at("/ports")).stream()).toList();
  }
}
