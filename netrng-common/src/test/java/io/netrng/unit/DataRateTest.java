// SPDX-License-Identifier: Apache-2.0
package io.netrng.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataRateTest {

  @Nested
  class Parsing {

    @ParameterizedTest
    @CsvSource({
      "0B/s, 0",
      "1B/s, 1",
      "64B/s, 64",
      "4KB/s, 4096",
      "4 KB/s, 4096",
      "'  4KB/s ', 4096",
      "2MB/s, 2097152",
      "1GB/s, 1073741824",
      "3TB/s, 3298534883328",
      "1000000000000000000B/s, 1000000000000000000",
      "8388607TB/s, 9223370937343148032",
      "unlimited, 9223372036854775807",
      "UNLIMITED, 9223372036854775807"
    })
    void parsesARateWithAKilobyteOf1024Bytes(String text, long bytesPerSecond) {
      assertThat(DataRate.valueOf(text)).isEqualTo(new DataRate(bytesPerSecond));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          " ",
          "64",
          "64B",
          "B/s",
          "64 b/s",
          "4kB/s",
          "4KiB/s",
          "4KB/S",
          "-1B/s",
          "+1B/s",
          "1.5KB/s",
          "1,024B/s",
          "0x10B/s",
          "4PB/s",
          "4KB/s4KB/s",
          "fast",
          "64B/s\n64B/s",
          "٣B/s"
        })
    void rejectsAnInvalidRateWithTheExpectedFormat(String text) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DataRate.valueOf(text))
          .withMessage("'%s' is not a rate; write it like 64B/s, 4KB/s, 2MB/s or unlimited", text);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "8388608TB/s",
          "999999999999999TB/s",
          "9223372036854775808B/s",
          "99999999999999999999999999999B/s"
        })
    void rejectsARateAboveTheMaximum(String text) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DataRate.valueOf(text))
          .withMessage("'%s' is too large; write unlimited", text);
    }
  }

  @Nested
  class Formatting {

    @ParameterizedTest
    @CsvSource({
      "0, 0B/s",
      "1, 1B/s",
      "1023, 1023B/s",
      "1024, 1KB/s",
      "1025, 1025B/s",
      "1536, 1536B/s",
      "1048576, 1MB/s",
      "1073741824, 1GB/s",
      "1099511627776, 1TB/s",
      "1125899906842624, 1024TB/s",
      "9223372036854775806, 9223372036854775806B/s",
      "9223372036854775807, unlimited"
    })
    void formatsARateInTheLargestUnitThatDividesIt(long bytesPerSecond, String text) {
      assertThat(new DataRate(bytesPerSecond)).hasToString(text);
    }
  }

  @Test
  void rejectsANegativeRate() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DataRate(-1))
        .withMessageContaining("-1B/s");
  }

  @Test
  void isUnlimitedOnlyAtTheMaximumValue() {
    assertThat(DataRate.UNLIMITED.isUnlimited()).isTrue();
    assertThat(new DataRate(Long.MAX_VALUE - 1).isUnlimited()).isFalse();
    assertThat(DataRate.UNLIMITED).isGreaterThan(new DataRate(Long.MAX_VALUE - 1));
  }
}
