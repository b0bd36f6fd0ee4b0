// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netrng.server.source.Source.Availability;
import io.netrng.testing.Corpus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Three clients send any requests in any fragments while samples are released, time passes and the
 * operator acts. An input is a sequence of events. The upper half of the first byte selects the
 * client, the lower half the event. The second byte is a quantity. Some events have that many
 * further bytes.
 */
@Tag("slow")
class ApiFuzzTest {

  private static final int CLIENTS = 3;
  private static final int MOST_RELEASES = 10_000;

  private static final Logger logger = (Logger) LoggerFactory.getLogger(ApiConnection.class);
  private static final ListAppender<ILoggingEvent> log = new ListAppender<>();

  static Stream<Named<byte[]>> corpus() {
    return Corpus.of(ApiFuzzTest.class);
  }

  @BeforeAll
  static void listenToTheLog() {
    logger.setAdditive(false);
    logger.addAppender(log);
    log.start();
  }

  @AfterAll
  static void listenNoMore() {
    logger.detachAppender(log);
    logger.setAdditive(true);
  }

  @MethodSource("corpus")
  @FuzzTest
  void answersAreExactAndInTheOrderOfTheRequests(byte[] input) {
    // given
    log.list.clear();
    VirtualApi api = new VirtualApi(List.of(), "pollinate.enabled", "true");
    List<FuzzedClient> clients =
        IntStream.range(0, CLIENTS).mapToObj(_ -> new FuzzedClient(api)).toList();

    // when
    ByteBuffer script = ByteBuffer.wrap(input);
    while (script.remaining() >= 2) {
      step(api, clients, script);
      api.settle();
      clients.forEach(FuzzedClient::check);
    }

    // then
    api.sessions().setAvailability(new Availability.Available());
    api.sessions().authenticator().deny(List.of());
    clients.forEach(FuzzedClient::takeAll);
    api.settle();
    for (int i = 0; i < MOST_RELEASES && clients.stream().anyMatch(FuzzedClient::waits); i++) {
      api.release(64);
    }
    clients.forEach(FuzzedClient::checkEnd);
    api.finish();
    assertThat(log.list).as("failures in the log").isEmpty();
  }

  private static void step(VirtualApi api, List<FuzzedClient> clients, ByteBuffer script) {
    int what = script.get();
    int amount = Byte.toUnsignedInt(script.get());
    FuzzedClient client = clients.get((what >> 4 & 0xf) % CLIENTS);
    switch (what & 0xf) {
      case 0 -> client.sendAnything(take(script, amount));
      case 1 -> client.requestBytes(3 * amount);
      case 2 -> client.requestBlocks(1 + amount % 100, 1 + amount % 5);
      case 3 -> client.requestOther(amount);
      case 4 -> client.requestWithRejectedBody(amount);
      case 5 -> client.requestWithExpectation(amount);
      case 6 -> client.requestSeed(amount);
      case 7 -> api.release(1 + amount % 64);
      case 8 -> api.pass(Duration.ofSeconds(1 + amount % 16));
      case 9 -> client.take(16L * amount);
      case 10 -> client.takeAll();
      case 11 -> client.leave((amount & 1) == 1);
      case 12 -> client.reconnect();
      case 13 -> act(api, amount);
      case 14 -> client.setPieces(1 + amount);
      default -> client.requestTheLast();
    }
  }

  private static void act(VirtualApi api, int amount) {
    switch (amount % 6) {
      case 0 -> api.kickAll();
      case 1 -> api.sessions().authenticator().deny(List.of(Authentication.ANYONE));
      case 2 -> api.sessions().authenticator().deny(List.of());
      case 3 -> api.sessions().setAvailability(new Availability.Available());
      case 4 ->
          api.sessions().setAvailability(new Availability.Expected(Duration.ofSeconds(amount)));
      default -> api.sessions().setAvailability(new Availability.Exhausted());
    }
  }

  private static byte[] take(ByteBuffer script, int most) {
    byte[] bytes = new byte[Math.min(most, script.remaining())];
    script.get(bytes);
    return bytes;
  }
}
