// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.awaitility.Awaitility.await;

import io.netrng.net.HostName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A server with two devices, its page in a browser, and clients that come and go. */
final class PageStage implements AutoCloseable {

  private static final int DEVICES = 2;

  private final ScheduledExecutorService background = Executors.newScheduledThreadPool(1 + DEVICES);
  private final FaultyDevice device;
  private final FaultyDevice other;
  private final AppProcess server;
  private final Crowd crowd;
  private final Browser browser;

  PageStage(Path directory, int mostClients) throws Exception {
    device = new FaultyDevice(directory.resolve("trng0"), background);
    other = new FaultyDevice(directory.resolve("trng1"), background);
    server =
        AppProcess.server(
            "--netrng.server.source.devices=%s,%s".formatted(device.path(), other.path()),
            "--netrng.server.capacity=200KB/s",
            "--netrng.server.sample-size=256B",
            "--netrng.server.max-clients=" + mostClients,
            // Nobody here sends pings.
            "--netrng.server.keepalive=5m",
            "--netrng.server.clients[0].name=web-*",
            "--netrng.server.clients[0].guarantee=4KB/s");
    crowd = new Crowd(server.streamPort(), background);
    browser = new Browser(directory.resolve("profile"), server.httpPort());
  }

  FaultyDevice device() {
    return device;
  }

  FaultyDevice other() {
    return other;
  }

  Crowd crowd() {
    return crowd;
  }

  Browser browser() {
    return browser;
  }

  /** Opens the page, by the form if there is no session. */
  void logIn() throws IOException {
    browser.open("/");
    if (browser.path().equals("/login")) {
      browser.logIn(AppProcess.adminToken());
    }
    browser.awaitText("#host", HostName.get());
  }

  /** Everybody leaves, and nothing is broken any more. */
  void clear() throws IOException {
    crowd.leave();
    device.recover();
    other.recover();
    await("nobody is connected")
        .atMost(AppProcess.PATIENCE)
        .until(() -> server.metric("netrng_clients_connected") == 0);
  }

  @Override
  public void close() {
    background.shutdownNow();
    browser.close();
    server.close();
  }
}
