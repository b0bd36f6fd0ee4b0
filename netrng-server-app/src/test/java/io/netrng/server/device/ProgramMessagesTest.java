// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Logs what programs write to their standard error. */
class ProgramMessagesTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger(ProgramMessages.class);
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
  private final ProgramMessages messages = new ProgramMessages("exec:a");

  @BeforeEach
  void start() {
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(appender);
  }

  private List<String> read(String text) {
    appender.list.clear();
    messages.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), 1);
    return appender.list.stream()
        .map(event -> event.getKeyValuePairs().get(2).value.toString())
        .toList();
  }

  @Test
  void logsTheFirstFiveLinesAndReadsTheRest() {
    assertThat(read("a\nb\n\nc\nd\ne\nf\ng")).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void logsALineWithoutAnEnd() {
    assertThat(read("a")).containsExactly("a");
  }

  @Test
  void shortensALongLine() {
    assertThat(read("x".repeat(100_000) + "\nend")).containsExactly("x".repeat(200), "end");
  }

  @Test
  void replacesControlCharacters() {
    assertThat(read("a\u001b[31mb\r\tc\u0000d\n")).containsExactly("a [31mb c d");
  }

  @Test
  void omitsALineThatIsNoText() {
    assertThat(read("a\u00ffb\nend")).containsExactly("end");
  }

  @Test
  void shortensALineBetweenItsCharacters() {
    assertThat(read("x".repeat(199) + "\u00c3\u00a4\n")).containsExactly("x".repeat(199));
  }

  @Test
  void omitsTheLinesOfTheRunBefore() {
    assertThat(read("Using slot 0\n")).hasSize(1);
    assertThat(read("Using slot 0\nfailed\n")).containsExactly("failed");
  }

  @Test
  void limitsTheLinesOfAllRuns() {
    // when
    int lines = 0;
    for (int i = 0; i < 100; i++) {
      lines += read("run " + i).size();
    }

    // then
    assertThat(lines).isEqualTo(50);
  }
}
