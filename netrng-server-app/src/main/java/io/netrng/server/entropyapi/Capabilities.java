// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.netrng.server.source.DeviceStatus;
import io.netrng.server.source.SourceStatus;
import java.time.Instant;
import java.util.List;

/**
 * What the API can provide (QRNG Open API).
 *
 * @param sourceCount the number of devices
 */
record Capabilities(
    Entropy entropy,
    HealthTests healthtest,
    @JsonProperty("source_count") int sourceCount,
    List<Object> extensions) {

  /** The limits of a request. */
  record Entropy(
      @JsonProperty("min_block_size") int minBlockSize,
      @JsonProperty("max_block_size") int maxBlockSize,
      @JsonProperty("min_block_count") int minBlockCount,
      @JsonProperty("max_block_count") int maxBlockCount,
      @JsonProperty("entropy_types") List<String> types,
      List<Object> extensions) {}

  /**
   * The tests that every byte has passed.
   *
   * @param thresholds the claimed min-entropy of each device
   */
  record HealthTests(
      @JsonProperty("test_threshold") List<String> thresholds,
      @JsonProperty("test_type") String type,
      @JsonProperty("time_stamp") String at) {}

  static Capabilities of(long mostBytes, SourceStatus source, Instant now) {
    return new Capabilities(
        new Entropy(
            1,
            Blocks.mostSize(mostBytes),
            1,
            Blocks.mostCount(mostBytes),
            List.of(Blocks.TYPE),
            List.of()),
        new HealthTests(
            source.devices().stream().map(Capabilities::threshold).toList(),
            Health.TYPE,
            now.toString()),
        source.devices().size(),
        List.of());
  }

  private static String threshold(DeviceStatus device) {
    return "%s: %s bits per byte".formatted(device.device(), device.minEntropyClaim());
  }
}
