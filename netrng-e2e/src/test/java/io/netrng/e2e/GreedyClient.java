// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client that always wants {@value #WANTED} samples more, and only counts what it gets. It asks
 * again for each sample that it received, so that the server hears from it within the keepalive.
 */
final class GreedyClient implements AutoCloseable {

  private static final int WANTED = 10_000;

  private final RawClient client;
  private final AtomicLong bytes = new AtomicLong();
  private volatile @Nullable IOException end;

  GreedyClient(int port, String label) throws IOException {
    client = new RawClient(port);
    client.join(label);
    client.request(WANTED);
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              bytes.addAndGet(client.sample().entropy().remaining());
              client.request(1);
            }
          } catch (IOException e) {
            end = e;
          }
        });
  }

  /** Bytes of entropy received so far; throws if the session has ended. */
  long bytes() {
    IOException reason = end;
    if (reason != null) {
      throw new UncheckedIOException(reason);
    }
    return bytes.get();
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
