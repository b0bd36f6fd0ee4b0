// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.server.NetrngServerApplication;
import io.netrng.server.session.StreamServer;
import io.netrng.testkit.RawClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Connections to the whole server that do not send a request in time. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpTimeoutsTest {

  private final List<Socket> sockets = new ArrayList<>();
  private ConfigurableApplicationContext app;
  private String token;
  private RawClient client;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    Path tokenFile = directory.resolve("token");
    app =
        new SpringApplicationBuilder(NetrngServerApplication.class)
            .run(
                "--server.port=0",
                "--server.netty.idle-timeout=500ms",
                "--netrng.server.port=0",
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.admin.token-file=" + tokenFile);
    token = Files.readString(tokenFile).strip();
    client = new RawClient(Objects.requireNonNull(app.getBean(StreamServer.class).address()));
  }

  /** Spring leaks the buffer of an event that it encodes while the listener disconnects. */
  @AfterAll
  void stop() throws IOException {
    client.close();
    app.close();
  }

  @AfterEach
  void disconnect() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  private Socket send(String beginning) throws IOException {
    int port = app.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    sockets.add(socket);
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  @Test
  void closesConnectionsWithoutACompleteHeader() throws Exception {
    for (String beginning : List.of("", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: local")) {
      assertThat(send(beginning).getInputStream().read()).as(beginning).isEqualTo(-1);
    }
  }

  @Test
  void aHeaderThatArrivesByteByByteDoesNotExtendTheTimeout() throws Exception {
    Socket slow = send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
    await("the server closes the connection")
        .pollInterval(Duration.ofMillis(50))
        .atMost(Duration.ofSeconds(10))
        .until(() -> {
          try {
            slow.getOutputStream().write('x');
            return false;
          } catch (SocketException e) {
            return true;
          }
        });
  }

  @Test
  void sendsEventsForLongerThanTheIdleTimeoutOfARequest() throws Exception {
    // given a listener that is open as long as an idle connection would be
    Socket listener =
        send(
            """
            GET /api/v1/events HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer %s\r
            \r
            """
                .formatted(token));
    assertThat(send("").getInputStream().read()).isEqualTo(-1);
    assertThat(send("").getInputStream().read()).isEqualTo(-1);

    // when
    client.join("late");

    // then
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(listener.getInputStream(), StandardCharsets.UTF_8));
    await("the server sends the event")
        .until(() -> lines.readLine().contains("\"client\":\"late\""));
  }
}
