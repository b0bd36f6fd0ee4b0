// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Clients of one server on real sockets, who come and leave together. */
final class Crowd {

  private static final long EVERY_MILLIS = 400;

  private final int port;
  private final ScheduledExecutorService background;
  private final List<RawClient> clients = new ArrayList<>();

  Crowd(int port, ScheduledExecutorService background) {
    this.port = port;
    this.background = background;
  }

  /** One who is let in and asks for nothing. */
  RawClient join(String label) throws IOException {
    RawClient client = new RawClient(port);
    clients.add(client);
    client.join(label);
    return client;
  }

  /** One who asks for a guarantee that the server refuses. */
  void refuse(String label, long guarantee) throws IOException {
    try (RawClient client = new RawClient(port)) {
      client.hello(guarantee, label).closed();
    }
  }

  /** One who asks for some samples now and then, more or fewer. */
  void draw(String label, int atMost) throws IOException {
    RawClient client = join(label);
    Random random = new Random(label.hashCode());
    var _ =
        background.scheduleAtFixedRate(
            () -> ask(client, 1 + random.nextInt(atMost)), 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    Thread.ofVirtual().start(() -> drain(client));
  }

  /** One who takes all that there is. */
  void drawAll(String label) throws IOException {
    RawClient client = join(label);
    client.request(Integer.MAX_VALUE);
    Thread.ofVirtual().start(() -> drain(client));
  }

  void leave() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    clients.clear();
  }

  private static void drain(RawClient client) {
    try {
      client.drain();
    } catch (IOException e) {
      // It was sent nothing for too long.
    }
  }

  private static void ask(RawClient client, int samples) {
    try {
      client.request(samples);
    } catch (IOException e) {
      // It has left: thrown on, so that this is not done again.
      throw new UncheckedIOException(e);
    }
  }
}
