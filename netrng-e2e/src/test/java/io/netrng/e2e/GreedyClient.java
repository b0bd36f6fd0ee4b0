// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client with a constant demand of {@value #WANTED} samples, which only counts the received
 * bytes. It requests another sample for each one it receives, which also keeps the session alive.
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

  /** Returns the bytes of entropy received so far. Throws if the session has ended. */
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
