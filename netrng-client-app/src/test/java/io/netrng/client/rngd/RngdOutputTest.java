// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.logging.LogRateLimiter;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class RngdOutputTest {

  private static final String FAULT = "RNDADDENTROPY failed: Operation not permitted";

  private final LongAdder fipsFailures = new LongAdder();
  private long now;
  private final LogRateLimiter limiter = new LogRateLimiter(() -> now);

  private RngdOutput read(String text) {
    InputStream stream = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    RngdOutput output = new RngdOutput(stream, 1, fipsFailures, limiter);
    output.run();
    return output;
  }

  private static String lines(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "line " + i + " block failed FIPS test\n")
        .collect(Collectors.joining());
  }

  private static long logged(CapturedOutput log) {
    return log.getAll().lines().filter(line -> line.contains("rngd output")).count();
  }

  @Test
  void logsAtMostFiftyLinesAndFindsFaultsAndFipsFailuresInAllLines(CapturedOutput log) {
    // when
    RngdOutput output = read(lines(200_000) + FAULT + "\n");

    // then
    assertThat(logged(log)).isEqualTo(LogRateLimiter.LIMIT);
    assertThat(output.fault()).contains(FAULT);
    assertThat(fipsFailures.sum()).isEqualTo(200_000);
  }

  @Test
  void logsTheNumberOfSuppressedLinesWithTheNextLine(CapturedOutput log) {
    read(lines(1_000));
    now += 10_000_000_000L;
    read("quiet again\n");
    assertThat(log.getAll()).contains("suppressed=\"950\"");
  }

  @Test
  void sharesOneLogLimitBetweenProcesses(CapturedOutput log) {
    read(lines(100));
    read(lines(100));
    assertThat(logged(log)).isEqualTo(LogRateLimiter.LIMIT);
  }

  @Test
  void doesNotLogTheThresholdThatKernelsIgnore(CapturedOutput log) {
    read("unable to adjust write_wakeup_threshold: Permission denied\nready\n");
    assertThat(log.getAll()).contains("ready").doesNotContain("write_wakeup_threshold");
  }

  @Test
  void splitsALineThatIsTooLong(CapturedOutput log) {
    String longest = "a".repeat(RngdOutput.LONGEST_LINE);
    RngdOutput output = read(longest + FAULT);
    assertThat(output.fault()).contains(FAULT);
    assertThat(log.getAll()).contains("a".repeat(300)).doesNotContain("a".repeat(301));
  }

  private static Stream<String> phrases() {
    return Stream.concat(RngdOutput.FAULTS.stream(), RngdOutput.FIPS_FAILURES.stream()).distinct();
  }

  @ParameterizedTest
  @MethodSource("phrases")
  void findsAPhraseAcrossTwoPiecesOfALongLine(String phrase) {
    for (int split = 0; split <= phrase.length(); split++) {
      fipsFailures.reset();

      RngdOutput output =
          read("a".repeat(2 * RngdOutput.LONGEST_LINE - split) + phrase + "a".repeat(10_000));

      if (RngdOutput.FAULTS.contains(phrase)) {
        assertThat(output.fault())
            .as("split at %d", split)
            .hasValueSatisfying(fault -> assertThat(fault).startsWith(phrase));
      }
      assertThat(fipsFailures.sum())
          .as("split at %d", split)
          .isEqualTo(RngdOutput.FIPS_FAILURES.contains(phrase) ? 1 : 0);
    }
  }

  @Test
  void findsNoPhraseAcrossTwoConsecutiveLines() {
    RngdOutput output = read("a".repeat(RngdOutput.LONGEST_LINE - 6) + "RNDADD\nENTROPY failed\n");
    assertThat(output.fault()).isEmpty();
  }

  @Test
  void countsALongLineWithSeveralFipsFailuresOnce() {
    read("block failed FIPS test ".repeat(1_000) + "\nblock failed FIPS test\n");
    assertThat(fipsFailures.sum()).isEqualTo(2);
  }

  @Test
  void reportsAFaultAtTheEndOfALongLine() {
    assertThat(read("a".repeat(1_000) + FAULT).fault()).contains(FAULT);
  }

  @Test
  void logsNoControlCharacters(CapturedOutput log) {
    read("\u001b[2Jred\u0007\0herring\r\n");
    assertThat(log.getAll()).contains("line=\"[2Jred herring\"");
  }
}
