package io.netrng.client.rngd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.logging.LogRateLimiter;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
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
    return log.getAll().lines().filter(line -> line.contains("rngd says")).count();
  }

  @Test
  void logsAtMostFiftyLinesAndStillFindsCountsAndReportsWhatItSuppresses(CapturedOutput log) {
    // when
    RngdOutput output = read(lines(200_000) + FAULT + "\n");

    // then
    assertThat(logged(log)).isEqualTo(LogRateLimiter.LIMIT);
    assertThat(output.fault()).contains(FAULT);
    assertThat(fipsFailures.sum()).isEqualTo(200_000);
  }

  @Test
  void reportsHowManyLinesItSuppressedWithTheNextOne(CapturedOutput log) {
    read(lines(1_000));
    now += 10_000_000_000L;
    read("quiet again\n");
    assertThat(log.getAll()).contains("suppressed=\"950\"");
  }

  @Test
  void sharesOneLimitBetweenProcesses(CapturedOutput log) {
    read(lines(100));
    read(lines(100));
    assertThat(logged(log)).isEqualTo(LogRateLimiter.LIMIT);
  }

  @Test
  void readsALineThatIsTooLongAsSeveral(CapturedOutput log) {
    String longest = "a".repeat(RngdOutput.LONGEST_LINE);
    RngdOutput output = read(longest + FAULT);
    assertThat(output.fault()).contains(FAULT);
    assertThat(log.getAll()).contains("a".repeat(300)).doesNotContain("a".repeat(301));
  }

  @Test
  void showsAFaultThatIsFarInALine() {
    assertThat(read("a".repeat(1_000) + FAULT).fault()).contains(FAULT);
  }

  @Test
  void logsNoControlCharacters(CapturedOutput log) {
    read("\u001b[2Jred\u0007\0herring\r\n");
    assertThat(log.getAll()).contains("line=\"[2Jred herring\"");
  }
}
