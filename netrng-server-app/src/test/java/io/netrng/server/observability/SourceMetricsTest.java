// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netrng.server.source.Source;
import io.netrng.server.source.Sources;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SourceMetricsTest {

  private final Source source =
      Sources.source(1_024, Path.of("/dev/urandom"), Path.of("/dev/zero"));
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private int snapshots;
  private long now;

  private final SourceMetrics metrics =
      new SourceMetrics(
          () -> {
            snapshots++;
            return source.devices();
          },
          () -> now);

  @Test
  void describesEachDeviceAndItsWarnings() {
    // given
    metrics.bindTo(registry);

    // when
    metrics.describe();

    // then
    assertThat(registry.scrape())
        .contains(
            "netrng_source_info{available=\"\",description=\"character device 1:9\",device=\"/dev/urandom\",kind=\"character-device\",quality=\"\"} 1",
            "netrng_source_warning{device=\"/dev/zero\",warning=\"min-entropy\"} 0.0");
  }

  @Test
  void allMetersOfAScrapeShareOneNewSnapshot() {
    metrics.bindTo(registry);

    for (int scrape = 1; scrape <= 3; scrape++) {
      // given
      now += TimeUnit.SECONDS.toNanos(1);
      int before = snapshots;

      // when
      String text = registry.scrape();

      // then
      assertThat(snapshots - before).isEqualTo(1);
      assertThat(text)
          .contains(
              "netrng_source_state{device=\"/dev/urandom\",state=\"opening\"} 1.0",
              "netrng_source_state{device=\"/dev/zero\",state=\"opening\"} 1.0");
    }
  }
}
