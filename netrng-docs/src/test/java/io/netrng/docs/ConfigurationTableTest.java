// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationTableTest {

  @Test
  void theConfigurationPageMatchesTheJavadocOfTheProperties() throws IOException {
    String page = Files.readString(Path.of("../docs/configuration.md"));
    assertThat(page).contains("| `netrng.server.port` |", "| `netrng.client.servers` |");
    assertThat(page)
        .as("docs/configuration.md differs from the properties' Javadoc: run make docs")
        .isEqualTo(new ConfigurationTable().into(page));
  }
}
