// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.egd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.net.Address;
import io.netrng.server.NetrngServerApplication;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.Listener;
import io.netrng.server.session.SessionRegistry;
import io.netrng.server.session.StreamServer;
import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole server with EGD clients on real sockets. */
@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EgdServerTest {

  private static final int SAMPLE_SIZE = 2_048;

  @TempDir static Path directory;

  private ConfigurableApplicationContext app;
  private SessionRegistry sessions;

  private static ConfigurableApplicationContext start(Path device, String... arguments) {
    return new SpringApplicationBuilder(NetrngServerApplication.class)
        .web(WebApplicationType.NONE)
        .properties(
            "netrng.server.port=0",
            "netrng.server.capacity=1MB/s",
            "netrng.server.source.devices=" + device)
        .run(arguments);
  }

  @BeforeAll
  void start() {
    app =
        start(
            Path.of("/dev/urandom"),
            "--netrng.server.egd.listen[0]=" + directory.resolve("egd.sock"),
            "--netrng.server.egd.listen[1].address=" + directory.resolve("qemu.sock"),
            "--netrng.server.egd.listen[1].name=guests",
            "--netrng.server.egd.listen[1].mode=qemu",
            "--netrng.server.egd.listen[2].address=127.0.0.1:0",
            "--netrng.server.egd.listen[2].name=tcp",
            "--netrng.server.clients[0].name=guests",
            "--netrng.server.clients[0].guarantee=100B/s",
            "--netrng.server.clients[0].ceiling=1MB/s",
            "--netrng.server.clients[1].name=tcp",
            "--netrng.server.clients[1].max-connections=1");
    sessions = app.getBean(SessionRegistry.class);
    await("the device passes its start-up test").until(() -> sessions.promisable() > 0);
  }

  @AfterAll
  void stop() {
    app.close();
  }

  @AfterEach
  void awaitNobody() {
    await("nobody is connected").until(() -> sessions.clients().isEmpty());
  }

  private SocketAddress tcp() {
    return Objects.requireNonNull(app.getBean(EgdServer.class).addresses().getLast());
  }

  private static SocketChannel connect(SocketAddress address) throws IOException {
    return SocketChannel.open(address);
  }

  private SocketChannel connect(String socket) throws IOException {
    return connect(UnixDomainSocketAddress.of(directory.resolve(socket)));
  }

  private static void send(SocketChannel channel, String request) throws IOException {
    channel.write(ByteBuffer.wrap(HexFormat.of().parseHex(request.replace(" ", ""))));
  }

  /** Reads this many bytes; fewer if the server closes the connection. */
  private static byte[] read(SocketChannel channel, int size) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(size);
    int count = 0;
    while (answer.hasRemaining() && count >= 0) {
      count = channel.read(answer);
    }
    byte[] bytes = new byte[answer.position()];
    answer.flip().get(bytes);
    return bytes;
  }

  private static void assertClosed(SocketChannel channel) throws IOException {
    assertThat(read(channel, 1)).as("bytes before the end").isEmpty();
  }

  private ClientSession session(String identity) {
    return await("the client is admitted")
        .until(
            () ->
                sessions.clients().stream()
                    .filter(client -> client.identity().name().equals(identity))
                    .findFirst()
                    .orElse(null),
            Objects::nonNull);
  }

  @Nested
  class AdmittedClients {

    @Test
    void aConnectionIsAClientWithTheNameOfTheSocket() throws IOException {
      try (SocketChannel client = connect("egd.sock")) {
        // when
        ClientSession session = session("egd");

        // then
        assertThat(session.listener()).isEqualTo(Listener.EGD);
        assertThat(session.label()).isEqualTo("egd");
        assertThat(session.guarantee()).isEqualTo(64);
        assertThat(Address.text(session.address()))
            .isEqualTo(directory.resolve("egd.sock").toString());
        assertThat(client.isConnected()).isTrue();
      }
    }

    @Test
    void theConfiguredNameSelectsThePolicy() throws IOException {
      try (SocketChannel client = connect("qemu.sock")) {
        // when
        ClientSession session = session("guests");

        // then
        assertThat(session.guarantee()).isEqualTo(100);
        assertThat(session.ceiling()).isEqualTo(1 << 20);
        assertThat(client.isConnected()).isTrue();
      }
    }

    @Test
    void answersPipelinedReadsExactlyAndCountsTheirBytes() throws IOException {
      try (SocketChannel client = connect("egd.sock")) {
        // when
        send(client, "02 ff".repeat(100) + "04");
        byte[] entropy = read(client, 25_500);
        byte[] pid = read(client, 1 + Long.toString(ProcessHandle.current().pid()).length());

        // then
        assertThat(pid[0]).isEqualTo((byte) (pid.length - 1));
        assertThat(new String(pid, 1, pid.length - 1, StandardCharsets.US_ASCII))
            .isEqualTo(Long.toString(ProcessHandle.current().pid()));
        assertDistinct(entropy);
        await("all are counted").until(() -> session("egd").delivered() == 25_500);
      }
    }

    @Test
    void theLevelAndNonBlockingReadsReportWhatIsReady() throws IOException {
      try (SocketChannel client = connect("egd.sock")) {
        session("egd");
        await("samples are ready")
            .untilAsserted(() -> {
              // when
              send(client, "00");
              int bits = ByteBuffer.wrap(read(client, 4)).getInt();
              send(client, "01 20");
              int count = read(client, 1)[0];
              read(client, count);

              // then
              assertThat(bits).isBetween(8 * SAMPLE_SIZE, 8 * 1024 * 1024);
              assertThat(count).isEqualTo(32);
            });
      }
    }

    @Test
    void sendsOneReadUnsolicitedInModeQemu() throws IOException {
      try (SocketChannel client = connect("qemu.sock")) {
        // when
        byte[] unsolicited = read(client, 64);
        await("they are counted").until(() -> session("guests").delivered() == 64);
        send(client, "02 40");

        // then
        assertDistinct(unsolicited, read(client, 64));
      }
    }

    /** As after the restore of a virtual machine. */
    @Test
    void aDiscardOfRestsEndsTheConnectionsForWhichBytesAreKept() throws IOException {
      // given
      try (SocketChannel keeping = connect("egd.sock");
          SocketChannel idle = connect(tcp())) {
        send(keeping, "02 01");
        assertThat(read(keeping, 1)).hasSize(1);
        session("tcp");

        // when
        sessions.clients().forEach(ClientSession::discardRest);

        // then
        assertClosed(keeping);
        send(idle, "02 01");
        assertThat(read(idle, 1)).hasSize(1);
      }
    }

    @Test
    void differentConnectionsReceiveDifferentBytes() throws IOException {
      try (SocketChannel first = connect("egd.sock");
          SocketChannel second = connect("egd.sock");
          SocketChannel third = connect(tcp())) {
        // when
        for (SocketChannel client : List.of(first, second, third)) {
          send(client, "02 ff 02 ff");
        }

        // then
        assertDistinct(read(first, 510), read(second, 510), read(third, 510));
      }
    }

    /** Fails if any eight bytes in a row occur twice. */
    private static void assertDistinct(byte[]... answers) {
      Set<Long> seen = new HashSet<>();
      for (byte[] answer : answers) {
        ByteBuffer bytes = ByteBuffer.wrap(answer);
        for (int i = 0; i + Long.BYTES <= answer.length; i++) {
          assertThat(seen.add(bytes.getLong(i))).as("the bytes at %d are new", i).isTrue();
        }
      }
    }
  }

  @Nested
  class RefusedClients {

    @Test
    void closesTheConnectionAboveTheLimitOfThePolicy(CapturedOutput output) throws IOException {
      try (SocketChannel first = connect(tcp())) {
        session("tcp");
        assertThat(first.isConnected()).isTrue();

        // when
        try (SocketChannel second = connect(tcp())) {
          // then
          assertClosed(second);
        }
        assertThat(output)
            .containsPattern("client refused.*client=\"tcp\".*reason=\"too-many-connections\"");
      }
    }

    @Test
    void closesTheConnectionOfAKickedClientAndThoseUntilTheEndOfItsHold(CapturedOutput output)
        throws IOException {
      try (SocketChannel client = connect("egd.sock")) {
        // when
        sessions.kick(session("egd"), Duration.ofMinutes(1));

        // then
        assertClosed(client);
        try (SocketChannel again = connect("egd.sock")) {
          assertClosed(again);
        }
        assertThat(output)
            .containsPattern("client disconnected.*client=\"egd\" reason=\"kicked\"")
            .containsPattern("client refused.*client=\"egd\".*reason=\"kicked\"");
      } finally {
        sessions.holds().all().forEach(hold -> sessions.holds().lift(hold.id()));
      }
    }
  }

  @Nested
  class OtherServers {

    @Test
    void theConnectionsOfAnAddressCountTogetherOnAllListeners(CapturedOutput output)
        throws Exception {
      // given
      try (ConfigurableApplicationContext other =
              start(
                  Path.of("/dev/urandom"),
                  "--netrng.server.egd.listen[0]=127.0.0.1:0",
                  "--netrng.server.egd.listen[1]=" + directory.resolve("unlimited.sock"),
                  "--netrng.server.limits.connections-per-address=1");
          RawClient stream =
              new RawClient(Objects.requireNonNull(other.getBean(StreamServer.class).address()))) {
        await("the device passes its start-up test")
            .until(() -> other.getBean(SessionRegistry.class).promisable() > 0);
        stream.join("a");

        // when
        try (SocketChannel client =
                connect(
                    Objects.requireNonNull(other.getBean(EgdServer.class).addresses().getFirst()));
            SocketChannel unlimited = connect("unlimited.sock")) {
          // then
          assertClosed(client);
          send(unlimited, "02 01");
          assertThat(read(unlimited, 1)).hasSize(1);
        }
        assertThat(output)
            .containsPattern(
                "client refused client=\"egd-0\".*reason=\"too-many-connections\".*per-address");
      }
    }
  }

  @Nested
  class OtherDevices {

    @Test
    void aRequestWaitsUntilTheDeviceHasPassedItsTests() throws Exception {
      // given
      Path fifo = directory.resolve("fifo");
      assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
      Path socket = directory.resolve("waiting.sock");
      try (ConfigurableApplicationContext other =
              start(fifo, "--netrng.server.egd.listen=" + socket);
          SocketChannel client = connect("waiting.sock")) {
        send(client, "02 20 01 00");

        // when
        try (FileChannel device =
            FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          byte[] bytes = new byte[16 * SAMPLE_SIZE];
          new Random(1).nextBytes(bytes);
          device.write(ByteBuffer.wrap(bytes));

          // then
          assertThat(read(client, 33)).hasSize(33).endsWith(new byte[] {0});
        }
        assertThat(other.getBean(SessionRegistry.class).clients()).hasSize(1);
      }
    }

    @Test
    void theConnectionEndsWithTheFileThatItsBytesComeFrom() throws Exception {
      // given
      byte[] bytes = new byte[4 * SAMPLE_SIZE + 512];
      new Random(1).nextBytes(bytes);
      Path file = Files.write(directory.resolve("file"), bytes);
      Path socket = directory.resolve("file.sock");
      try (ConfigurableApplicationContext other =
              start(file, "--netrng.server.egd.listen=" + socket);
          SocketChannel client = connect("file.sock")) {
        // when
        send(client, "02 ff".repeat(1_000));

        // then
        assertThat(read(client, 255_000)).hasSize(4 * SAMPLE_SIZE);
        assertThat(other.getBean(SessionRegistry.class).clients()).isEmpty();
      }
    }
  }

  @Test
  void deletesItsSocketsAndClosesTheConnectionsWhenItStops() throws IOException {
    // given
    Path socket = directory.resolve("stopping.sock");
    ConfigurableApplicationContext other =
        start(Path.of("/dev/urandom"), "--netrng.server.egd.listen=" + socket);
    try (SocketChannel client = connect("stopping.sock")) {
      // when
      other.close();

      // then
      assertClosed(client);
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void doesNotRunWithoutAnAddress() {
    // when
    try (ConfigurableApplicationContext other = start(Path.of("/dev/urandom"))) {
      // then
      assertThat(other.getBean(EgdServer.class).isRunning()).isFalse();
      assertThat(other.getBean(EgdServer.class).addresses()).isEmpty();
    }
  }
}
