// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The control channel of a QEMU: the QEMU Machine Protocol on a unix socket. */
final class Qmp implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  private final SocketChannel socket;
  private final StringBuilder received = new StringBuilder();

  private Qmp(SocketChannel socket) {
    this.socket = socket;
  }

  /**
   * Connects to a QEMU that is listening.
   *
   * @throws IOException if it refuses the connection
   */
  static Qmp connect(Path path) throws IOException {
    SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path));
    socket.configureBlocking(false);
    Qmp qmp = new Qmp(socket);
    qmp.execute("qmp_capabilities", Map.of());
    return qmp;
  }

  /**
   * Executes a command and returns its result.
   *
   * @throws IOException if QEMU reports an error
   */
  JsonNode execute(String command, Map<String, Object> arguments) throws IOException {
    String line = JSON.writeValueAsString(Map.of("execute", command, "arguments", arguments));
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
    JsonNode answer =
        await("QEMU answers " + command)
            .atMost(AppProcess.PATIENCE)
            .pollInterval(POLL_INTERVAL)
            .until(this::nextMessage, message -> message.has("return") || message.has("error"));
    if (answer.has("error")) {
      throw new IOException(command + ": " + answer.get("error"));
    }
    return answer.get("return");
  }

  /** Returns the next message, which may be an event, or an empty one if none has arrived. */
  private JsonNode nextMessage() throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(4096);
    if (socket.read(chunk) < 0) {
      throw new IOException("QEMU has closed its control channel");
    }
    received.append(StandardCharsets.UTF_8.decode(chunk.flip()));
    int end = received.indexOf("\n");
    if (end < 0) {
      return JSON.createObjectNode();
    }
    JsonNode message = JSON.readTree(received.substring(0, end));
    received.delete(0, end + 1);
    return message;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
