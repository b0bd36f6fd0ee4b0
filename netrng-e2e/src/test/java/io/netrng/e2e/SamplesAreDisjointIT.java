// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** No two clients receive the same bytes, as the positions of their samples show. */
class SamplesAreDisjointIT {

  private static final int CLIENTS = 3;
  private static final int SAMPLES = 40;
  private static final int SIZE = 256;

  private final Set<UUID> epochs = ConcurrentHashMap.newKeySet();

  @Test
  void concurrentClientsReceiveDisjointSamples() throws Exception {
    try (AppProcess server =
            AppProcess.server(
                "--netrng.server.source.devices=" + Machine.device(),
                "--netrng.server.sample-size=" + SIZE + "B");
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      // when
      List<Future<List<Message.Sample>>> drawings = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        String label = "client-" + i;
        drawings.add(threads.submit(() -> draw(server.streamPort(), label)));
      }
      List<Message.Sample> all = new ArrayList<>();
      for (Future<List<Message.Sample>> drawing : drawings) {
        all.addAll(drawing.get());
      }

      // then
      assertThat(all).hasSize(CLIENTS * SAMPLES);
      assertThat(epochs).hasSize(1);
      assertThat(all).extracting(sample -> sample.entropy().remaining()).containsOnly(SIZE);
      all.sort(Comparator.comparingLong(Message.Sample::offset));
      for (int i = 1; i < all.size(); i++) {
        assertThat(all.get(i).offset()).isGreaterThanOrEqualTo(all.get(i - 1).offset() + SIZE);
      }
      Set<ByteBuffer> seen = new HashSet<>();
      assertThat(all).allMatch(sample -> seen.add(sample.entropy()), "bytes not seen before");
    }
  }

  private List<Message.Sample> draw(int port, String label) throws IOException {
    List<Message.Sample> samples = new ArrayList<>();
    try (RawClient client = new RawClient(port)) {
      epochs.add(client.join(label).epoch());
      client.request(SAMPLES);
      for (int i = 0; i < SAMPLES; i++) {
        samples.add(client.sample());
      }
      client.bye();
    }
    return samples;
  }
}
