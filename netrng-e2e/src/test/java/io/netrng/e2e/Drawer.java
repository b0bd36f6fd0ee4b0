package io.netrng.e2e;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** A client that always wants more, and only counts what it gets. */
final class Drawer implements AutoCloseable {

  private final RawClient client;
  private final AtomicLong bytes = new AtomicLong();

  Drawer(int port, String label) throws IOException {
    client = new RawClient(port);
    RawClient.Welcome welcome = client.hello(label, 0);
    client.request(Integer.MAX_VALUE);
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              bytes.addAndGet(client.sample(welcome).size());
            }
          } catch (IOException e) {
            // closed
          }
        });
  }

  long bytes() {
    return bytes.get();
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
