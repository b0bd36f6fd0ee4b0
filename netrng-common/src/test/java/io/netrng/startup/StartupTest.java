// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Starts a Spring application with properties, and checks the log that an operator sees. */
@ExtendWith(OutputCaptureExtension.class)
class StartupTest {

  private static final String UNKNOWN = "unknown property has no effect";

  @Nested
  class InvalidProperties {

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "stroke-length=-1 | netrng.pump.stroke-length = -1 is not possible: set it to 0 or more",
          "stroke-length=two | netrng.pump.stroke-length = two is not possible: ",
          "flow=fast | netrng.pump.flow = fast is not possible: 'fast' is not a rate; write it like"
              + " 64B/s, 4KB/s, 2MB/s or unlimited.",
          "flow=-4KB/s | netrng.pump.flow = -4KB/s is not possible: '-4KB/s' is not a rate;",
          "pause=soon | netrng.pump.pause = soon is not possible: ",
        })
    void anInvalidPropertyStopsTheStartWithAnErrorWithoutStackTrace(
        String argument, String sentence, CapturedOutput output) {
      // when
      Throwable failure = catchThrowable(() -> PumpApplication.run("--netrng.pump." + argument));

      // then
      assertThat(failure).isNotNull();
      assertThat(output)
          .contains("APPLICATION FAILED TO START")
          .contains("Description:\n\n" + sentence)
          .contains("Action:\n\nCorrect the property")
          .doesNotContain("\tat ");
    }

    @Test
    void reportsAnInvalidPropertyWithItsPropertySource(CapturedOutput output) {
      // when
      Throwable failure = catchThrowable(() -> PumpApplication.run("--netrng.pump.flow=fast"));

      // then
      assertThat(failure).isNotNull();
      assertThat(output).contains("\"netrng.pump.flow\" from property source \"commandLineArgs\"");
    }
  }

  @Nested
  class StartupFailures {

    @Test
    void aStartupExceptionStopsTheStartWithItsErrorAndItsRemedy(CapturedOutput output) {
      // when
      Throwable failure = catchThrowable(() -> PumpApplication.run("--netrng.pump.broken=true"));

      // then
      assertThat(failure).hasRootCauseInstanceOf(StartupException.class);
      assertThat(output)
          .contains("Description:\n\nThe pump is broken.")
          .contains("Action:\n\nCall the plumber.")
          .doesNotContain("\tat ");
    }
  }

  @Nested
  class UnknownProperties {

    @ParameterizedTest
    @CsvSource({
      "netrng.pump.stroke-lenght, netrng.pump.stroke-length",
      "netrng.pump.flaw, netrng.pump.flow",
      "netrng.flow, netrng.pump.flow",
      "netrng.pump.valve[3].name, netrng.pump.valves",
      "netrng.pomp.broken, netrng.pump.broken"
    })
    void logsOneWarningForAnUnknownPropertyThatNamesTheClosestMatch(
        String property, String nearest, CapturedOutput output) {
      // when
      PumpApplication.run("--" + property + "=1");

      // then
      assertThat(warnings(output))
          .singleElement()
          .asString()
          .contains("property=\"" + property + "\"", "nearest=\"" + nearest + "\"");
    }

    @Test
    void logsAWarningForAnUnknownPropertyInTheEnvironment(CapturedOutput output) {
      // when
      PumpApplication.run(Map.of("NETRNG_PUMP_FLOWW", "1KB/s"), Map.of());

      // then
      assertThat(warnings(output))
          .singleElement()
          .asString()
          .contains("netrng.pump.floww", "nearest=\"netrng.pump.flow\"");
    }

    @Test
    void logsOneWarningForAnUnknownPropertyFromSeveralSources(CapturedOutput output) {
      // when
      PumpApplication.run(
          Map.of("NETRNG_PUMP_FLOWW", "1KB/s"),
          Map.of("netrng.pump.floww", "2KB/s"),
          "--netrng.pump.floww=3KB/s");

      // then
      assertThat(warnings(output)).hasSize(1);
    }

    @Test
    void logsAWarningForEachUnknownProperty(CapturedOutput output) {
      // when
      PumpApplication.run("--netrng.pump.a=1", "--netrng.b=2");

      // then
      assertThat(warnings(output)).hasSize(2);
    }
  }

  @Nested
  class KnownProperties {

    @Test
    void logsNoWarningForKnownProperties(CapturedOutput output) {
      // when
      PumpApplication.run(
          "--netrng.pump.stroke-length=1",
          "--netrng.pump.flow=1KB/s",
          "--netrng.pump.valves[0].name=a",
          "--netrng.pump.valves[1].name=b");

      // then
      assertThat(warnings(output)).isEmpty();
    }

    @Test
    void logsNoWarningForAnySpellingOfAKnownProperty(CapturedOutput output) {
      // when
      PumpApplication.run(
          Map.of(
              "NETRNG_PUMP_STROKE_LENGTH", "1",
              "NETRNG_PUMP_STROKELENGTH", "1",
              "NETRNG_PUMP_VALVES_0_NAME", "a"),
          Map.of("netrng.pump.strokeLength", "1", "netrng.pump.stroke_length", "1"));

      // then
      assertThat(warnings(output)).isEmpty();
    }

    @Test
    void logsNoWarningForAPropertyOutsideTheNetrngPrefix(CapturedOutput output) {
      // when
      PumpApplication.run("--netrngs.pump=1", "--net.rng=1", "--spring.nothing=1");

      // then
      assertThat(warnings(output)).isEmpty();
    }
  }

  private static List<String> warnings(CapturedOutput output) {
    return output.getOut().lines().filter(line -> line.contains(UNKNOWN)).toList();
  }
}
