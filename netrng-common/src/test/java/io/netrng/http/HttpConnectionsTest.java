// SPDX-License-Identifier: Apache-2.0
package io.netrng.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** Connects to a Reactor Netty server over real sockets. */
@Tag("slow")
class HttpConnectionsTest {

  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration SOON = Duration.ofMillis(100);
  private static final String GET = "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

  /** One thread, so that connections are accepted in the order in which the test opens them. */
  private final LoopResources loop = LoopResources.create("http", 1, true);

  private final List<Socket> sockets = new ArrayList<>();
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicInteger endedFloods = new AtomicInteger();
  private @Nullable DisposableServer server;

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    Objects.requireNonNull(server).disposeNow();
    loop.disposeLater().block(Duration.ofSeconds(10));
  }

  /**
   * Starts a server that responds at /, sends without end at /flood, and sends a little and then
   * nothing at /quiet.
   */
  private void start(HttpConnections connections) {
    byte[] block = new byte[64 * 1024];
    server =
        connections
            .apply(HttpServer.create().host("127.0.0.1").port(0).runOn(loop).idleTimeout(NEVER))
            .route(routes ->
                routes
                    .get("/", (_, response) -> response.sendString(Mono.just("ok")))
                    .post(
                        "/",
                        (request, response) ->
                            response.sendString(request.receive().aggregate().asString()))
                    .get(
                        "/flood",
                        (_, response) ->
                            response.sendByteArray(
                                Flux.<byte[]>generate(sink -> sink.next(block.clone()))
                                    .doFinally(_ -> endedFloods.incrementAndGet())))
                    .get(
                        "/quiet",
                        (_, response) ->
                            response
                                .sse()
                                .sendString(
                                    Flux.just("first")
                                        .concatWith(Flux.never())
                                        .doOnSubscribe(_ -> streams.incrementAndGet()),
                                    StandardCharsets.UTF_8)))
            .bindNow();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    // A small buffer, so that a peer that does not read stalls the server soon.
    socket.setReceiveBufferSize(16 * 1024);
    socket.connect(
        new InetSocketAddress(
            InetAddress.getLoopbackAddress(), Objects.requireNonNull(server).port()));
    sockets.add(socket);
    return socket;
  }

  private Socket send(String request) throws IOException {
    Socket socket = connect();
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static boolean isAnswered(Socket socket) throws IOException {
    return socket.getInputStream().read() == 'H';
  }

  private static void assertClosed(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    try (InputStream in = socket.getInputStream()) {
      assertThat(in.read()).isEqualTo(-1);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  @Test
  void closesTheOldestConnectionThatReceivedOnly100ContinueAtTheLimit() throws Exception {
    // given the maximum number of connections, each of which received 100 Continue
    start(new HttpConnections(2, NEVER, NEVER));
    List<Socket> waiting = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Socket socket =
          send(
              """
              POST / HTTP/1.1\r
              Host: 127.0.0.1\r
              Content-Length: 100\r
              Expect: 100-continue\r
              \r
              """);
      assertThat(isAnswered(socket)).isTrue();
      waiting.add(socket);
    }

    // when
    Socket next = send(GET.formatted("/"));

    // then
    assertThat(isAnswered(next)).isTrue();
    Socket oldest = waiting.getFirst();
    oldest.setSoTimeout(10_000);
    assertThat(new String(oldest.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
        .startsWith("TTP/1.1 100 Continue");
  }

  @Test
  void closesAConnectionWhoseRequestBodyDoesNotArriveInTime() throws Exception {
    start(new HttpConnections(10, SOON, NEVER));
    Socket half =
        send("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf of it");
    half.setSoTimeout(10_000);
    assertThat(new String(half.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
        .doesNotContain("half of it");
  }

  @Test
  void closesAConnectionThatDoesNotReadItsResponse() throws Exception {
    start(new HttpConnections(10, NEVER, SOON));
    send(GET.formatted("/flood"));
    await("the server closes the stalled connection").until(() -> endedFloods.get() == 1);
  }

  @Test
  void keepsAConnectionWithAnIdleResponseOpen() throws Exception {
    start(new HttpConnections(10, SOON, SOON));
    Socket quiet = send(GET.formatted("/quiet"));
    send(GET.formatted("/flood"));
    await("the response begins").until(() -> streams.get() == 1);

    // After several stall timeouts, when the server has closed another connection, this one is
    // open.
    await("the server closes the other connection").until(() -> endedFloods.get() == 1);
    quiet.setSoTimeout(1);
    assertThat(readsTimeOut(quiet)).isTrue();
  }

  private static boolean readsTimeOut(Socket socket) throws IOException {
    try {
      return socket.getInputStream().readAllBytes().length < 0;
    } catch (SocketTimeoutException e) {
      return true;
    }
  }

  @Test
  void closesTheOldestConnectionWithoutAnAnswerAtTheLimit() throws Exception {
    start(new HttpConnections(3, NEVER, NEVER));
    Socket answered = send(GET.formatted("/quiet"));
    assertThat(isAnswered(answered)).isTrue();
    Socket oldest = connect();
    Socket younger = send("GET / HTTP/1.1\r\n");

    Socket next = send(GET.formatted("/"));

    assertThat(isAnswered(next)).isTrue();
    assertClosed(oldest);
    younger.getOutputStream().write("Host: 127.0.0.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(isAnswered(younger)).isTrue();
    answered.setSoTimeout(1);
    assertThat(readsTimeOut(answered)).isTrue();
  }

  @Test
  void closesANewConnectionAtTheLimitIfAllOthersReceiveResponses() throws Exception {
    start(new HttpConnections(2, NEVER, NEVER));
    for (int i = 1; i <= 2; i++) {
      Socket answered = send(GET.formatted("/quiet"));
      assertThat(isAnswered(answered)).isTrue();
    }
    assertClosed(connect());
  }
}
