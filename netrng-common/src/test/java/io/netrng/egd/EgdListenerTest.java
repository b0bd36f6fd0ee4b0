// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netrng.startup.StartupException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import reactor.netty.resources.LoopResources;

/** Connects to listeners over real sockets. */
@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
class EgdListenerTest {

  private static final String PROPERTY = "netrng.server.egd.listen[0]";
  private static final Duration KEEPALIVE = Duration.ofSeconds(10);

  private final LoopResources loops = LoopResources.create("egd", 1, true);
  private final List<EgdListener> listeners = new ArrayList<>();
  private final List<FakeSupply> supplies = new CopyOnWriteArrayList<>();

  @TempDir Path directory;

  @AfterEach
  void stop() {
    listeners.forEach(listener -> listener.stop().block(KEEPALIVE));
    loops.disposeLater(Duration.ZERO, KEEPALIVE).block(KEEPALIVE);
  }

  private EgdListen unix(@Nullable String group) {
    return new EgdListen(
        directory.resolve("egd.sock").toString(), null, EgdMode.EGD, "0640", group, null);
  }

  private EgdListener listener(EgdListen listen) {
    EgdListener listener =
        new EgdListener(
            listen,
            PROPERTY,
            (connection, onAvailable) -> {
              FakeSupply supply = new FakeSupply(1_000);
              supplies.add(supply);
              return supply.open(connection, onAvailable);
            });
    listeners.add(listener);
    return listener;
  }

  private EgdListener start(EgdListen listen) {
    EgdListener listener = listener(listen);
    listener.start(loops, KEEPALIVE, server -> server, List.of());
    return listener;
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("egd.sock")));
  }

  private static String ask(SocketChannel channel, String request, int size) throws IOException {
    channel.write(ByteBuffer.wrap(HexFormat.of().parseHex(request)));
    ByteBuffer answer = ByteBuffer.allocate(size);
    while (answer.hasRemaining() && channel.read(answer) >= 0) {
      // Reads on.
    }
    return HexFormat.of().formatHex(answer.array(), 0, answer.position());
  }

  @Test
  void answersOverAUnixSocketWithItsModeAndLogsThatItListens(CapturedOutput output)
      throws IOException {
    // given
    start(unix(null));

    // when
    try (SocketChannel client = connect()) {
      // then
      assertThat(ask(client, "02030103", 7)).isEqualTo("00010203030405");
    }
    assertThat((int) Files.getAttribute(directory.resolve("egd.sock"), "unix:mode") & 0777)
        .isEqualTo(0640);
    assertThat(directory).isDirectoryNotContaining("glob:**.new");
    assertThat(output)
        .containsPattern("listening for EGD clients.*")
        .contains(directory.resolve("egd.sock").toString());
    await().untilAsserted(() -> assertThat(supplies).allMatch(FakeSupply::isClosed));
  }

  @Test
  void givesTheSocketItsGroup() throws IOException {
    // given
    GroupPrincipal own = (GroupPrincipal) Files.getAttribute(directory, "posix:group");

    // when
    start(unix(own.getName()));

    // then
    assertThat(Files.getAttribute(directory.resolve("egd.sock"), "posix:group")).isEqualTo(own);
  }

  @Test
  void refusesAGroupThatDoesNotExist() {
    assertThatThrownBy(() -> listener(unix("no-such-group")).check())
        .isInstanceOf(StartupException.class)
        .hasMessage(PROPERTY + ".socket-group = no-such-group does not exist on this machine.");
  }

  @Test
  void replacesTheSocketOfACrashedProcess() throws IOException {
    // given
    try (ServerSocketChannel crashed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      crashed.bind(UnixDomainSocketAddress.of(directory.resolve("egd.sock")));
    }
    Files.createFile(directory.resolve("egd.sock.new"));

    // when
    start(unix(null));

    // then
    try (SocketChannel client = connect()) {
      assertThat(ask(client, "0201", 1)).isEqualTo("00");
    }
  }

  @Test
  void refusesAPathAtWhichAnotherProcessListens() throws IOException {
    // given
    start(unix(null));
    EgdListener second = listener(unix(null));

    // when, then
    assertThatCode(second::check).doesNotThrowAnyException();
    assertThatThrownBy(() -> second.start(loops, KEEPALIVE, server -> server, List.of()))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "%s = %s cannot be listened on: another process listens there."
                .formatted(PROPERTY, directory.resolve("egd.sock")));
    try (SocketChannel client = connect()) {
      assertThat(ask(client, "0201", 1)).isEqualTo("00");
    }
  }

  @Test
  void refusesAPathOfAnotherFile() throws IOException {
    // given
    Path file = Files.writeString(directory.resolve("egd.sock"), "text");

    // when, then
    assertThatThrownBy(() -> listener(unix(null)).check())
        .isInstanceOf(StartupException.class)
        .hasMessageEndingWith("the file of this name is not a socket.");
    assertThat(file).hasContent("text");
  }

  @Test
  void refusesAMissingDirectory() {
    EgdListen listen = EgdListen.valueOf(directory.resolve("missing/egd.sock").toString());
    assertThatThrownBy(() -> start(listen))
        .isInstanceOf(StartupException.class)
        .hasMessageEndingWith("there is no directory " + directory.resolve("missing") + ".");
  }

  @Test
  void deletesTheSocketAndClosesTheConnectionsWhenItStops() throws IOException {
    // given
    EgdListener listener = start(unix(null));
    try (SocketChannel client = connect()) {
      ask(client, "0201", 1);

      // when
      listener.stop().block(KEEPALIVE);

      // then
      assertThat(supplies).singleElement().matches(FakeSupply::isClosed);
      assertThat(directory).isEmptyDirectory();
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(listener.address()).isNull();
    }
  }

  @Test
  void keepsTheSocketOfAnotherProcessWhenItStops() throws IOException {
    // given
    EgdListener listener = start(unix(null));
    Files.delete(directory.resolve("egd.sock"));
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(directory.resolve("egd.sock")));

      // when
      listener.stop().block(KEEPALIVE);

      // then
      assertThat(directory.resolve("egd.sock")).exists();
    }
  }

  @Test
  void logsAnUnknownCommandAndClosesTheConnection(CapturedOutput output) throws IOException {
    // given
    start(unix(null));
    try (SocketChannel client = connect()) {
      // when
      String answer = ask(client, "02017f", 100);

      // then
      assertThat(answer).isEqualTo("00");
    }
    assertThat(output).containsPattern("EGD client sent an unknown command.*");
    assertThat(output).contains("command=\"0x7f\"");
  }

  @Test
  void answersOverTcpBehindTheLimiters() throws IOException {
    // given
    List<Object> accepted = new CopyOnWriteArrayList<>();
    EgdListener listener =
        listener(new EgdListen("127.0.0.1:0", null, EgdMode.QEMU, "0660", null, null));
    listener.start(
        loops,
        KEEPALIVE,
        server -> server,
        List.of(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object connection) {
                accepted.add(connection);
                ctx.fireChannelRead(connection);
              }
            }));
    SocketAddress address = Objects.requireNonNull(listener.address());

    // when
    try (SocketChannel client = SocketChannel.open(address)) {
      // then
      assertThat(ask(client, "", 64)).startsWith("00010203");
      assertThat(ask(client, "0240", 64)).startsWith("40414243");
    }
    assertThat(accepted).hasSize(1);
  }

  @Test
  void refusesATcpAddressThatIsInUse() {
    // given
    EgdListener first = start(EgdListen.valueOf("127.0.0.1:0"));
    int port = ((InetSocketAddress) Objects.requireNonNull(first.address())).getPort();

    // when, then
    assertThatThrownBy(() -> start(EgdListen.valueOf("127.0.0.1:" + port)))
        .isInstanceOf(StartupException.class)
        .hasMessageMatching(
            "netrng.server.egd.listen\\[0] = 127.0.0.1:\\d+ cannot be listened on: .*Address"
                + " already in use.*");
  }
}
