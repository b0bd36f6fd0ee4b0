// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.egd.EgdListen;
import io.netrng.egd.EgdMode;
import io.netrng.startup.StartupException;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Guests on real sockets, and a stream that the test plays. */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class GuestsTest {

  private static final int SAMPLE = 512;
  private static final long MOST_WAITING = SAMPLE;

  private final FeedBuffer sink = FeedBuffers.open(100 * SAMPLE);
  private final List<SocketChannel> connections = new ArrayList<>();

  @TempDir private Path directory;
  private Guests guests = NoGuests.beside(sink);

  private Path socket() {
    return directory.resolve("egd.sock");
  }

  private void start(EgdMode mode) {
    guests =
        new Guests(
            new EgdProperties(
                List.of(new EgdListen(socket().toString(), null, mode, "0660", null, null))),
            sink);
    guests.start();
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket()));
    connections.add(channel);
    return channel;
  }

  private static void send(SocketChannel channel, int... bytes) throws IOException {
    ByteBuffer command = ByteBuffer.allocate(bytes.length);
    for (int value : bytes) {
      command.put((byte) value);
    }
    channel.write(command.flip());
  }

  private static byte[] read(SocketChannel channel, int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(size);
    while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
      // Reads until the end of either.
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private void awaitConnections(int number) {
    await("the listener counts " + number).until(() -> guests.connections() == number);
  }

  private long space() {
    return guests.intake().freeSpace(MOST_WAITING, SAMPLE);
  }

  private void offer(int value) {
    byte[] sample = new byte[SAMPLE];
    Arrays.fill(sample, (byte) value);
    guests.intake().offer(Unpooled.wrappedBuffer(sample));
  }

  private void stop() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    guests.stop(stopped::countDown);
    assertThat(stopped.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @AfterEach
  void close() throws Exception {
    for (SocketChannel connection : connections) {
      connection.close();
    }
    stop();
  }

  @Test
  void withoutAnAddressTheSinkReceivesAllAndNothingRuns() {
    guests.checkStart();
    guests.start();
    assertThat(guests.intake()).isSameAs(sink);
    assertThat(guests.isRunning()).isFalse();
    assertThat(guests.threads()).isEmpty();
    assertThat(guests.isConfigured()).isFalse();
    assertThat(guests.deliveredBytes()).isZero();
  }

  @Test
  void aRequestWaitsForSamplesThatTheSinkDoesNotGet(CapturedOutput output) throws Exception {
    // given a sink that wants one sample, and gets it
    start(EgdMode.EGD);
    AtomicInteger requests = new AtomicInteger();
    guests.intake().onFreeSpace(requests::incrementAndGet);
    assertThat(space()).isEqualTo(SAMPLE);
    offer(1);
    assertThat(guests.intake().fitsOrNotifies(SAMPLE, MOST_WAITING, SAMPLE)).isFalse();

    // when a guest requests 600 bytes
    SocketChannel guest = connect();
    send(guest, 2, 255, 2, 255, 2, 90);

    // then the stream is asked for more, and the guest gets it
    await("the stream is notified").until(() -> requests.get() > 0 && space() == 2 * SAMPLE);
    offer(2);
    assertThat(read(guest, SAMPLE)).containsOnly(2);
    offer(3);
    assertThat(read(guest, 600 - SAMPLE)).containsOnly(3);
    assertThat(sink.buffered()).isEqualTo(SAMPLE);
    assertThat(guests.deliveredBytes()).isEqualTo(600);

    // and what is left is for its next request
    send(guest, 1, 255);
    assertThat(read(guest, 256)).startsWith(255).endsWith(3);
    assertThat(output).contains("listening for EGD clients", "EGD client connected");
  }

  @Test
  void aGuestOfQemuReceivesBytesWithoutARequest() throws Exception {
    // given
    start(EgdMode.QEMU);
    space();
    offer(1);

    // when
    SocketChannel guest = connect();
    awaitConnections(1);
    offer(2);

    // then
    assertThat(read(guest, 64)).containsOnly(2);
  }

  @Test
  void aConnectionAboveTheMaximumIsClosed(CapturedOutput output) throws Exception {
    // given
    start(EgdMode.EGD);
    for (int i = 0; i < Guests.MOST_CONNECTIONS; i++) {
      connect();
    }
    awaitConnections(Guests.MOST_CONNECTIONS);

    // when, then
    assertThat(read(connect(), 1)).isEmpty();
    assertThat(output).contains("EGD client rejected: too many connections");

    // and when one has left
    connections.getFirst().close();
    awaitConnections(Guests.MOST_CONNECTIONS - 1);

    // then
    SocketChannel next = connect();
    send(next, 4);
    assertThat(read(next, 1)).isNotEmpty();
  }

  @Test
  void theEndClosesTheConnectionsAndDeletesTheSocket() throws Exception {
    // given
    start(EgdMode.EGD);
    SocketChannel guest = connect();
    awaitConnections(1);

    // when
    stop();

    // then
    assertThat(read(guest, 1)).isEmpty();
    assertThat(socket()).doesNotExist();
    assertThat(guests.isRunning()).isFalse();
    awaitConnections(0);
  }

  @Test
  void anAddressThatCannotBeListenedOnStopsTheStart() throws Exception {
    Files.createFile(socket());
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> start(EgdMode.EGD))
        .withMessageContaining("netrng.client.egd.listen[0]");
  }
}
