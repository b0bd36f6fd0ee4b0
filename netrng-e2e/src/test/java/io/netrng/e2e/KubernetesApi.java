// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The fields that the Kubernetes API has for the kinds of the chart's objects. */
final class KubernetesApi {

  /** The API version of each kind. */
  static final Map<String, String> VERSIONS =
      Map.ofEntries(
          Map.entry("ConfigMap", "v1"),
          Map.entry("DaemonSet", "apps/v1"),
          Map.entry("Deployment", "apps/v1"),
          Map.entry("EndpointSlice", "discovery.k8s.io/v1"),
          Map.entry("NetworkPolicy", "networking.k8s.io/v1"),
          Map.entry("Pod", "v1"),
          Map.entry("PodDisruptionBudget", "policy/v1"),
          Map.entry("Role", "rbac.authorization.k8s.io/v1"),
          Map.entry("RoleBinding", "rbac.authorization.k8s.io/v1"),
          Map.entry("Secret", "v1"),
          Map.entry("Service", "v1"),
          Map.entry("ServiceAccount", "v1"));

  /**
   * The fields below spec in kinds of other projects: those that the chart may use, and the
   * required ones.
   */
  private record Shape(Set<String> known, Set<String> required) {}

  private static final Map<String, Shape> CUSTOM =
      Map.of(
          "Certificate",
          new Shape(
              Set.of(
                  "isCA",
                  "commonName",
                  "secretName",
                  "duration",
                  "renewBefore",
                  "privateKey",
                  "dnsNames",
                  "ipAddresses",
                  "usages",
                  "issuerRef"),
              Set.of("secretName", "issuerRef")),
          "Issuer",
          new Shape(Set.of("selfSigned", "ca"), Set.of()),
          "PodMonitor",
          new Shape(
              Set.of("selector", "podMetricsEndpoints"), Set.of("selector", "podMetricsEndpoints")),
          "PrometheusRule",
          new Shape(Set.of("groups"), Set.of("groups")));

  private KubernetesApi() {}

  /** Requires that the API has each field and that its type is correct. */
  static void requireKnownFields(JsonNode object) {
    String kind = Rendering.kind(object);
    Shape shape = CUSTOM.get(kind);
    if (shape != null) {
      List<String> fields = List.copyOf(object.at("/spec").propertyNames());
      assertThat(shape.known()).as(kind).containsAll(fields);
      assertThat(fields).as(kind).containsAll(shape.required());
      return;
    }
    assertThat(object.at("/apiVersion").asString()).as(kind).isEqualTo(VERSIONS.get(kind));
    try {
      Class.forName("io.kubernetes.client.openapi.models.V1" + kind)
          .getMethod("validateJsonElement", JsonElement.class)
          .invoke(null, JsonParser.parseString(object.toString()));
    } catch (InvocationTargetException e) {
      throw new AssertionError(kind + ": " + e.getCause().getMessage(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(kind, e);
    }
  }
}
