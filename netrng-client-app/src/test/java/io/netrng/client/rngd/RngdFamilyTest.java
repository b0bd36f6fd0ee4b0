// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The help texts are the option columns of the real programs' output. */
class RngdFamilyTest {

  static String help(String name) {
    try (InputStream in =
        Objects.requireNonNull(
            RngdFamilyTest.class.getResourceAsStream("/rngd/help-" + name + ".txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Nested
  class Detection {

    @ParameterizedTest
    @CsvSource({
      "rng-tools-5, RNG_TOOLS_5",
      "rng-tools-6, RNG_TOOLS_6",
      "rng-tools-debian-2, RNG_TOOLS_DEBIAN"
    })
    void detectsEachFamilyFromItsHelp(String name, RngdFamily family) {
      assertThat(RngdFamily.ofHelp(help(name))).contains(family);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Usage: cat [OPTION]... [FILE]...", "  -f, --foreground"})
    void detectsNoFamilyFromTheHelpOfAnotherProgram(String help) {
      assertThat(RngdFamily.ofHelp(help)).isEmpty();
    }
  }

  @Nested
  class Arguments {

    @Test
    void excludesTheProcessorAndTheTpmFromVersion5() {
      assertThat(RngdFamily.RNG_TOOLS_5.arguments(source -> true))
          .containsExactly("-f -r /dev/stdin -d 1 -n 1 -o /dev/urandom -s 2500".split(" "));
    }

    @Test
    void excludesEverySourceThatVersion6Supports() {
      assertThat(RngdFamily.RNG_TOOLS_6.arguments(source -> true))
          .containsExactly(
              ("-f -r /dev/stdin -x tpm -x rdrand -x darn -x rndr -x nist -x jitter -x pkcs11"
                      + " -x rtlsdr -x qrypt -x namedpipe -o /dev/urandom -s 2500 -W 0")
                  .split(" "));
    }

    @Test
    void doesNotExcludeSourcesThatVersion6DoesNotSupport() {
      assertThat(RngdFamily.RNG_TOOLS_6.arguments("rdrand"::equals))
          .containsExactly("-f -r /dev/stdin -x rdrand -o /dev/urandom -s 2500 -W 0".split(" "));
    }

    @Test
    void setsNoTimeoutForTheFirstBytesOfTheDebianVersion() {
      assertThat(RngdFamily.RNG_TOOLS_DEBIAN.arguments(source -> true))
          .containsExactly("-f -r /dev/stdin -T 0 -o /dev/urandom -s 2500".split(" "));
    }
  }

  @ParameterizedTest
  @CsvSource({"RNG_TOOLS_5, 8", "RNG_TOOLS_6, 24", "RNG_TOOLS_DEBIAN, 8"})
  void eachFamilyHasThePreambleSizeThatItReads(RngdFamily family, int bytes) {
    assertThat(family.preamble()).isEqualTo(bytes);
  }
}
