// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads an EGD server through a unix socket. */
class EgdChannelTest {

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(1);

  private final AtomicLong clock = new AtomicLong();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(8 * 1024);
  private EgdServer server;
  private EgdChannel channel;

  @BeforeEach
  void connect(@TempDir Path directory) throws IOException {
    server = new EgdServer(directory);
    channel = channel(LONG);
    server.accept();
  }

  @AfterEach
  void close() throws IOException {
    channel.close();
    server.close();
  }

  private EgdChannel channel(Duration silenceLimit) throws IOException {
    return new EgdChannel(Connection.to(server.address(), silenceLimit), clock::get);
  }

  private CompletableFuture<Integer> read() {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return channel.read(buffer.clear());
      } catch (IOException e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    });
  }

  private List<Integer> awaitRequests() {
    return await().until(server::requests, requests -> !requests.isEmpty());
  }

  /** Answers all requests of a read, and the reads of the answer. Returns the requests. */
  private List<Integer> answerAll(Duration after) throws Exception {
    CompletableFuture<Integer> read = read();
    List<Integer> requests = awaitRequests();
    int bytes = requests.stream().mapToInt(n -> n).sum();
    clock.addAndGet(after.toNanos());
    server.send(bytes);
    int got = read.get(10, TimeUnit.SECONDS);
    while (got < bytes) {
      got += channel.read(buffer.clear());
    }
    return requests;
  }

  @Test
  void requestsFewBytesFirstAndReadsTheirAnswer() throws Exception {
    // when
    CompletableFuture<Integer> read = read();

    // then
    assertThat(awaitRequests()).containsExactly(EgdChannel.LEAST_AHEAD);
    server.send(EgdChannel.LEAST_AHEAD);
    assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(EgdChannel.LEAST_AHEAD);
    assertThat(buffer.get(3)).isEqualTo((byte) 3);
  }

  @Test
  void requestsNothingMoreWhileAPartOfAnAnswerIsMissing() throws Exception {
    // given
    CompletableFuture<Integer> read = read();
    awaitRequests();
    server.send(10);
    assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(10);
    assertThat(channel.stores()).isTrue();

    // when
    server.send(EgdChannel.LEAST_AHEAD - 10);

    // then
    assertThat(channel.read(buffer.clear())).isEqualTo(EgdChannel.LEAST_AHEAD - 10);
    assertThat(server.requests()).isEmpty();
    assertThat(channel.stores()).isFalse();
  }

  @Test
  void hasSixteenRequestsOfAFastServer() throws Exception {
    // when
    for (int i = 0; i < 7; i++) {
      answerAll(Duration.ZERO);
    }
    var _ = read();

    // then
    assertThat(awaitRequests()).hasSize(16).containsOnly(255);
  }

  @Test
  void requestsOneMoreOfAFastServerAfterEachAnswer() throws Exception {
    // given
    for (int i = 0; i < 7; i++) {
      answerAll(Duration.ZERO);
    }
    CompletableFuture<Integer> read = read();
    awaitRequests();

    // when
    server.send(255);
    read.get(10, TimeUnit.SECONDS);
    server.send(255);
    channel.read(buffer.clear());

    // then
    assertThat(server.requests()).containsExactly(255, 255);
  }

  @Test
  void asksASlowServerForFewBytes() throws Exception {
    // given
    for (int i = 0; i < 7; i++) {
      answerAll(Duration.ZERO);
    }

    // when
    for (int i = 0; i < 7; i++) {
      answerAll(Duration.ofSeconds(1));
    }

    // then
    assertThat(answerAll(Duration.ZERO)).containsExactly(EgdChannel.LEAST_AHEAD);
  }

  @Test
  void refusesBytesThatWereNotRequested() throws Exception {
    // given
    server.send(1);

    // when, then
    assertThatThrownBy(() -> channel.read(buffer)).hasMessageContaining("were not requested");
  }

  @Test
  void refusesMoreBytesThanRequested() throws Exception {
    // given
    CompletableFuture<Integer> read = read();
    awaitRequests();

    // when
    server.send(EgdChannel.LEAST_AHEAD + 1);

    // then
    assertThat(read)
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withMessageContaining("were not requested");
  }

  @Test
  void aClosedConnectionIsAFault() throws Exception {
    // given
    server.disconnect();

    // when, then
    assertThat(channel.read(buffer)).isEqualTo(-1);
    assertThatThrownBy(channel::end).hasMessage("the EGD server closed the connection");
  }

  @Test
  void aServerThatAnswersNothingIsAFault() throws Exception {
    // given
    try (EgdChannel impatient = channel(SHORT)) {

      // when, then
      assertThatThrownBy(() -> impatient.read(buffer)).hasMessageStartingWith("no byte for");
    }
  }

  @Test
  void closingEndsARead() throws Exception {
    // given
    CompletableFuture<Integer> read = read();
    awaitRequests();

    // when
    channel.close();

    // then
    assertThat(read)
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withRootCauseInstanceOf(ClosedChannelException.class);
  }

  @Test
  void interruptingEndsARead() throws Exception {
    // given
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                channel.read(buffer);
              } catch (IOException e) {
                failure.complete(e);
              }
            });
    awaitRequests();

    // when
    reader.interrupt();

    // then
    assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void anAbsentServerHasAShortReason() throws Exception {
    // given
    server.close();

    // when, then
    assertThatThrownBy(() -> Connection.to(server.address(), LONG))
        .isInstanceOf(IOException.class)
        .hasMessage("Connection refused");
    assertThatThrownBy(
            () -> Connection.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), LONG))
        .isInstanceOf(IOException.class)
        .hasMessage("Connection refused");
    assertThatThrownBy(
            () -> Connection.to(InetSocketAddress.createUnresolved("rng.invalid", 8888), LONG))
        .hasMessage("the name rng.invalid has no address");
  }
}
