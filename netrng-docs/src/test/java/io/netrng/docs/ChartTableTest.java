// SPDX-License-Identifier: Apache-2.0
package io.netrng.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ChartTableTest {

  @Test
  void theChartReadmeMatchesTheValuesAndTheirSchema() throws IOException {
    Path chart = Path.of("../charts/netrng");
    String page = Files.readString(chart.resolve("README.md"));
    assertThat(page)
        .contains("| `server.device.mode` |", "| `tls.certManager.issuerRef.name` |")
        .as("charts/netrng/README.md differs from values.yaml and its schema: run make docs")
        .isEqualTo(new ChartTable(chart).into(page));
  }

  @Test
  void theValuesAreCommentedWithTheMeaningsInTheSchema() throws IOException {
    Path chart = Path.of("../charts/netrng");
    String values = Files.readString(chart.resolve("values.yaml"));
    assertThat(values)
        .contains(
            "# the IP addresses of the servers; a Service forwards to them\n    addresses: []")
        .as("the comments of charts/netrng/values.yaml differ from its schema: run make docs")
        .isEqualTo(new ChartTable(chart).commented(values));
  }
}
