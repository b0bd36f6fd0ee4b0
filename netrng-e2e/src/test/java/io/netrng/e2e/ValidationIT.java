// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of docs/internals/validation.md: a capture with curl, assessed with ent. */
class ValidationIT {

  private static final int SIZE = 64 * 1024;
  private static final Pattern ENTROPY = Pattern.compile("Entropy = ([0-9.]+) bits per byte");

  @Test
  void aCaptureFromTheDeviceHasNearlyEightBitsOfEntropyPerByte(@TempDir Path directory)
      throws Exception {
    try (AppProcess server =
        AppProcess.server("--netrng.server.source.devices=" + Machine.device())) {
      // when
      Path capture = directory.resolve("capture.bin");
      Machine.run(
          List.of(
              "curl",
              "--fail",
              "--silent",
              "--show-error",
              "--max-time",
              Long.toString(AppProcess.PATIENCE.toSeconds()),
              "--request",
              "POST",
              "--header",
              "Authorization: Bearer " + AppProcess.adminToken(),
              "--output",
              capture.toString(),
              "http://127.0.0.1:%d/api/v1/captures?size=64KB".formatted(server.httpPort())));

      // then this many random bytes have an estimate of about 7.997 bits
      assertThat(Files.size(capture)).isEqualTo(SIZE);
      assertThat(entropyOf(capture)).isGreaterThan(7.99);
      assertThat(server.metric("netrng_captured_bytes_total")).isEqualTo(SIZE);
      assertThat(server.metric("netrng_delivered_bytes_total")).isZero();
    }
  }

  @Test
  void entReportsFourBitsPerByteForSixteenDistinctValues(@TempDir Path directory) throws Exception {
    byte[] sixteenValues = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      sixteenValues[i] = (byte) (i % 16);
    }
    Path file = Files.write(directory.resolve("sixteen-values.bin"), sixteenValues);
    assertThat(entropyOf(file)).isEqualTo(4);
  }

  private static double entropyOf(Path file) throws Exception {
    Matcher line = ENTROPY.matcher(Machine.run(List.of("ent", file.toString())));
    assertThat(line.find()).as("ent prints its estimate").isTrue();
    return Double.parseDouble(line.group(1));
  }
}
