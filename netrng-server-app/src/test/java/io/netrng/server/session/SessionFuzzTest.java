// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netrng.testing.Corpus;
import io.netrng.testkit.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Four clients send any data in any fragments while samples are released, time passes and the
 * operator acts. An input is a sequence of events. The upper half of the first byte selects the
 * client, the lower half the event. The second byte is a quantity. Some events have that many
 * further bytes.
 */
@Tag("slow")
class SessionFuzzTest {

  private static final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private static final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private static final List<Appender<ILoggingEvent>> others = new ArrayList<>();
  private static @Nullable Level level;

  static Stream<Named<byte[]>> corpus() {
    return Corpus.of(SessionFuzzTest.class);
  }

  @BeforeAll
  static void listenToTheLog() {
    root.iteratorForAppenders().forEachRemaining(others::add);
    others.forEach(root::detachAppender);
    level = root.getLevel();
    root.setLevel(Level.INFO);
    root.addAppender(log);
    log.start();
  }

  @AfterAll
  static void listenNoMore() {
    root.detachAppender(log);
    root.setLevel(level);
    others.forEach(root::addAppender);
  }

  @MethodSource("corpus")
  @FuzzTest
  void invariantsHoldForAnyInputAndAllResourcesAreReleased(byte[] input) {
    // given
    FuzzedServer server = new FuzzedServer();
    log.list.clear();

    // when
    ByteBuffer script = ByteBuffer.wrap(input);
    while (script.remaining() >= 2) {
      step(server, script);
      server.settle();
    }

    // then
    server.finish();
    assertThat(log.list)
        .as("unexpected log events")
        .noneMatch(e -> e.getThrowableProxy() != null || e.getLevel().isGreaterOrEqual(Level.WARN));
  }

  private static void step(FuzzedServer server, ByteBuffer script) {
    int what = script.get();
    int amount = Byte.toUnsignedInt(script.get());
    int client = (what >> 4) & 0xf;
    FuzzedConnection connection = server.connection(client);
    switch (what & 0xf) {
      case 0 -> connection.send(take(script, amount));
      case 1 -> connection.send(new Message.Hello(1, 0, label(amount)).bytes());
      case 2 -> connection.send(new Message.Request(amount).bytes());
      case 3 -> connection.send(new Message.Ping(amount).bytes());
      case 4 -> connection.send(new Message.Bye().bytes());
      case 5 -> server.release(1 + amount % 64);
      case 6 -> server.pass(1 + amount % 32);
      case 7 -> connection.channel().take(amount);
      case 8 -> connection.channel().take(Long.MAX_VALUE);
      case 9 -> connection.leave();
      case 10 -> connection.reset();
      case 11 -> server.reconnect(client);
      case 12 -> server.kickAll();
      case 13 -> server.deny((amount & 1) == 1);
      case 14 -> server.setAvailability(amount);
      default -> {
        // no such event
      }
    }
  }

  private static byte[] take(ByteBuffer script, int most) {
    byte[] bytes = new byte[Math.min(most, script.remaining())];
    script.get(bytes);
    return bytes;
  }

  private static String label(int amount) {
    return switch (amount % 5) {
      case 0 -> "a";
      case 1 -> FuzzedServer.CAPPED;
      case 2 -> FuzzedServer.DENIED;
      case 3 -> "g";
      default -> "one";
    };
  }
}
