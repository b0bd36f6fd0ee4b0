package io.netrng.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadinessTest {

  private static final int UP = 200;
  private static final int DOWN = 503;

  private HttpServer app;
  private volatile int status = UP;

  @BeforeEach
  void startAnApp() throws IOException {
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    app.createContext(
        "/",
        exchange -> {
          boolean asked = exchange.getRequestURI().getPath().equals("/actuator/health/readiness");
          exchange.sendResponseHeaders(asked ? status : 404, -1);
          exchange.close();
        });
    app.start();
  }

  @AfterEach
  void stopIt() {
    app.stop(0);
  }

  private static URI at(String host, int port) {
    return URI.create("http://%s:%d".formatted(host, port));
  }

  @Test
  void anAppThatAnswers200IsReady() {
    assertThat(Readiness.areReady(at("127.0.0.1", app.getAddress().getPort()))).isTrue();
  }

  @Test
  void anAppThatAnswers503IsNotReady() {
    status = DOWN;
    assertThat(Readiness.areReady(at("127.0.0.1", app.getAddress().getPort()))).isFalse();
  }

  @Test
  void aClosedPortIsNotReady() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertThat(Readiness.areReady(at("127.0.0.1", free))).isFalse();
  }

  @Test
  void anUnresolvableHostIsNotReady() {
    assertThat(Readiness.areReady(at("nobody.invalid", 1))).isFalse();
  }
}
