// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The description of the API has all paths, and each path has the statuses of its answers. */
class OpenApiTest {

  /** The statuses of answers after which a client can try again. */
  private static final Set<Integer> TEMPORARY = Set.of(429, 503);

  private final JsonNode description;

  OpenApiTest() throws IOException {
    description =
        JsonMapper.shared()
            .readTree(new ClassPathResource("entropy-api.json").getContentAsByteArray());
  }

  private JsonNode operation(Endpoint endpoint) {
    return description
        .get("paths")
        .path(endpoint.path())
        .path(endpoint.method().toLowerCase(Locale.ROOT));
  }

  @Test
  void hasOneMethodForEachPath() {
    Map<String, Integer> methods =
        description
            .get("paths")
            .propertyStream()
            .collect(Collectors.toMap(Map.Entry::getKey, path -> path.getValue().size()));
    for (Endpoint endpoint : Endpoint.values()) {
      assertThat(methods.remove(endpoint.path())).as(endpoint.path()).isEqualTo(1);
    }
    assertThat(methods).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void hasTheStatusesOfEachPath(Endpoint endpoint) {
    // given
    Set<Integer> expected = new TreeSet<>(endpoint.errors());
    expected.add(200);

    // when
    Set<Integer> described =
        operation(endpoint)
            .get("responses")
            .propertyStream()
            .map(response -> Integer.valueOf(response.getKey()))
            .collect(Collectors.toCollection(TreeSet::new));

    // then
    assertThat(described).isEqualTo(expected);
    assertThat(operation(endpoint).get("operationId").asString())
        .isEqualTo(endpoint.externalName());
  }

  @ParameterizedTest
  @EnumSource
  void describesProblemsAndTheTimeToTryAgain(Endpoint endpoint) {
    for (int status : endpoint.errors()) {
      String reference = operation(endpoint).at("/responses/%d/$ref".formatted(status)).asString();
      JsonNode response = description.at(reference.substring(1));
      assertThat(response.at("/content/application~1problem+json/schema/$ref").asString())
          .isEqualTo("#/components/schemas/ProblemDetail");
      // A hold after a kick ends at a known time; a denial does not.
      if (status != 403) {
        assertThat(response.at("/headers").has("Retry-After"))
            .as("%s %d", endpoint, status)
            .isEqualTo(TEMPORARY.contains(status));
      }
    }
  }
}
