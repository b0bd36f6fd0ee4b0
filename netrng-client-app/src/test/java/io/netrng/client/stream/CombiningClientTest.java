// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.audit.AuditLog;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.stream.FakeServer.Connection;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
class CombiningClientTest {

  private static final int SIZE = 2_048;
  private static final StreamTimings TIMINGS =
      new StreamTimings(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(300),
          Duration.ofMillis(700),
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          Duration.ofSeconds(1));

  private final FakeServer first = new FakeServer();
  private final FakeServer second = new FakeServer();
  private final FakeServer third = new FakeServer();
  private final FeedBuffer feed = FeedBuffers.open(5 * SIZE);
  private StreamClient client = client(2, DataRate.UNLIMITED, feed);

  private StreamClient client(int minimum, DataRate maxRate, FeedBuffer feed) {
    return client(SinkKind.RNGD, minimum, maxRate, feed);
  }

  private StreamClient client(SinkKind sink, int minimum, DataRate maxRate, FeedBuffer feed) {
    StreamProperties properties =
        new StreamProperties(
            List.of(first.address(), second.address(), third.address()),
            "tester",
            new DataRate(64),
            maxRate,
            false,
            new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
            false,
            null,
            sink,
            new StreamProperties.Combine(2, minimum));
    return new StreamClient(
        properties, feed, TIMINGS, null, InetAddress::getAllByName, AuditLog.off());
  }

  @AfterEach
  void stop() throws Exception {
    CountDownLatch stopped = new CountDownLatch(1);
    client.stop(stopped::countDown);
    assertThat(stopped.await(5, TimeUnit.SECONDS)).as("stopped in time").isTrue();
    client.close();
    first.close();
    second.close();
    third.close();
  }

  private void startWithMinimum(int minimum) {
    client.close();
    client = client(minimum, DataRate.UNLIMITED, feed);
    client.start();
  }

  private static Connection welcomed(FakeServer server) throws IOException {
    Connection connection = server.greeted();
    connection.welcome(UUID.randomUUID(), SIZE);
    return connection;
  }

  private static byte[] entropy(int value) {
    byte[] entropy = new byte[SIZE];
    Arrays.fill(entropy, (byte) value);
    return entropy;
  }

  /** Waits until this many bytes can be fed, and takes the first and the last of them. */
  private List<Byte> endsOf(int size) {
    await("the sum is in the buffer").until(() -> feed.buffered() == size);
    ByteBuffer target = ByteBuffer.allocate(size);
    feed.takeAvailable(target);
    return List.of(target.get(0), target.get(size - 1));
  }

  private void awaitLive(int servers) {
    await(servers + " servers admit the client").until(() -> client.status().live() == servers);
  }

  @Test
  void drawsFromTheTwoMostPreferredServersAndFeedsTheirSum() throws Exception {
    // given
    startWithMinimum(2);
    Connection one = welcomed(first);
    Connection two = welcomed(second);

    // when
    assertThat(one.expectRequest()).isEqualTo(5);
    assertThat(two.expectRequest()).isEqualTo(5);
    one.sample(0, entropy(0x0f));
    two.sample(0, entropy(0x3c));

    // then
    assertThat(endsOf(SIZE)).containsExactly((byte) 0x33, (byte) 0x33);
    assertThat(client.status().isUp()).isTrue();
    assertThat(client.status().stateOf(third.address())).isEqualTo(ServerState.STANDBY);
  }

  @Test
  void requestsNothingUntilTheMinimumOfServersAdmitsIt() throws Exception {
    // given
    startWithMinimum(2);
    Connection one = welcomed(first);
    Connection two = second.greeted();
    awaitLive(1);
    assertThat(client.status().isUp()).isFalse();

    // when
    two.welcome(UUID.randomUUID(), SIZE);

    // then the first frame after HELLO is the request, and it came only now
    assertThat(two.expectRequest()).isEqualTo(5);
    assertThat(one.expectRequest()).isEqualTo(5);
  }

  @Test
  void takesAnotherServerInThePlaceOfALostOne(CapturedOutput output) throws Exception {
    // given
    startWithMinimum(2);
    Connection one = welcomed(first);
    Connection two = welcomed(second);
    two.expectRequest();
    one.expectRequest();
    one.sample(0, entropy(1));
    await("the sample is there").until(() -> client.status().receivedBytes() == SIZE);

    // when
    two.close();

    // then
    Connection three = welcomed(third);
    three.expectRequest();
    one.sample(SIZE, entropy(4));
    three.sample(0, entropy(2));
    assertThat(endsOf(SIZE)).containsExactly((byte) 6, (byte) 6);
    assertThat(client.status().discardedBytes()).isEqualTo(SIZE);
    assertThat(output).contains("too few servers to combine: the kernel gets nothing");
  }

  @Test
  void aLowerMinimumFeedsWithTheServerThatIsLeft(CapturedOutput output) throws Exception {
    // given
    startWithMinimum(1);
    Connection one = welcomed(first);
    one.expectRequest();
    Connection two = welcomed(second);
    two.expectRequest();
    awaitLive(2);
    third.close();
    second.close();

    // when
    one.sample(0, entropy(7));
    two.close();

    // then
    assertThat(endsOf(SIZE)).containsExactly((byte) 7, (byte) 7);
    assertThat(client.status().isUp()).isTrue();
    assertThat(client.status().combinedBytes(1)).isEqualTo(SIZE);
    assertThat(output).contains("combining fewer servers than configured");
  }

  @Test
  void aServerWithTheEpochOfAnotherStreamIsTheSameServer() throws Exception {
    // given
    startWithMinimum(2);
    UUID epoch = UUID.randomUUID();
    first.greeted().welcome(epoch, SIZE);
    awaitLive(1);

    // when
    Connection twin = second.greeted();
    twin.welcome(epoch, SIZE);

    // then
    assertThat(twin.saysByeAndCloses()).isTrue();
    welcomed(third).expectRequest();
    assertThat(client.status().failures("same-server")).isEqualTo(1);
    assertThat(client.status().stateOf(second.address())).isEqualTo(ServerState.WAITING);
  }

  @Test
  void aSecondAddressOfAServerDiscardsNoBytesOfTheFirst() throws Exception {
    // given
    client.close();
    client = client(SinkKind.KERNEL, 1, DataRate.UNLIMITED, feed);
    client.start();
    UUID epoch = UUID.randomUUID();
    Connection one = first.greeted();
    one.welcome(epoch, SIZE);
    one.expectRequest();
    Connection twin = second.greeted();
    one.sample(0, entropy(7));
    await("the sample is in the buffer").until(() -> feed.buffered() == SIZE);

    // when
    twin.welcome(epoch, SIZE);

    // then
    assertThat(twin.saysByeAndCloses()).isTrue();
    assertThat(feed.buffered()).isEqualTo(SIZE);
  }

  @Test
  void aServerAtTwoAddressesIsUsedByOneStream() throws Exception {
    // given all three addresses lead to one server
    startWithMinimum(2);
    UUID epoch = UUID.randomUUID();
    List<Connection> connections = new ArrayList<>();
    for (FakeServer server : List.of(first, second, third)) {
      Connection connection = server.greeted();
      connection.welcome(epoch, SIZE);
      connections.add(connection);
      awaitLive(1);
    }

    // then
    assertThat(connections.get(2).saysByeAndCloses()).isTrue();
    assertThat(client.status().isUp()).isFalse();
    assertThat(client.status().receivedBytes()).isZero();
  }

  @Test
  void returnsToAPreferredServerAndKeepsTheOtherStream() throws Exception {
    // given the burst of both servers fits
    client.close();
    client = client(2, new DataRate(4 * SIZE), FeedBuffers.open(20 * SIZE));
    client.start();
    first.greeted().closing(1, 100, "full");
    Connection two = welcomed(second);
    Connection three = welcomed(third);
    two.expectRequest();
    three.expectRequest();

    // when one of the streams tries the preferred server
    Connection one = welcomed(first);
    assertThat(one.expectRequest()).isEqualTo(1);
    one.sample(0, entropy(1));

    // then
    await("a stream has returned").until(() -> client.status().failbacks() == 1);
    assertThat(client.status().stateOf(first.address())).isEqualTo(ServerState.STREAMING);
    assertThat(client.status().live()).isEqualTo(2);
  }
}
