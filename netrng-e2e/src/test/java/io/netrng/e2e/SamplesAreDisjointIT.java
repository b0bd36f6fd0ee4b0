package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The promise that no two clients ever get the same bytes, proved from places alone. */
class SamplesAreDisjointIT {

  private static final int CLIENTS = 3;
  private static final int SAMPLES = 40;

  @Test
  void threeClientsAtOnceGetSamplesThatNeverOverlap() throws Exception {
    try (AppProcess server =
            AppProcess.server(
                "--netrng.server.source.devices=" + Machine.device(),
                "--netrng.server.sample-size=256B");
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      // when
      List<Future<List<RawClient.Sample>>> drawings = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        String label = "client-" + i;
        drawings.add(threads.submit(() -> draw(server.streamPort(), label)));
      }
      List<RawClient.Sample> all = new ArrayList<>();
      for (Future<List<RawClient.Sample>> drawing : drawings) {
        all.addAll(drawing.get());
      }

      // then
      assertThat(all).hasSize(CLIENTS * SAMPLES);
      assertThat(all).extracting(RawClient.Sample::epoch).containsOnly(all.getFirst().epoch());
      assertThat(all).extracting(RawClient.Sample::size).containsOnly(256);
      all.sort(Comparator.comparingLong(RawClient.Sample::offset));
      for (int i = 1; i < all.size(); i++) {
        assertThat(all.get(i).offset())
            .isGreaterThanOrEqualTo(all.get(i - 1).offset() + all.get(i - 1).size());
      }
      Set<String> digests = new HashSet<>();
      assertThat(all).allMatch(sample -> digests.add(sample.digest()), "bytes not seen before");
    }
  }

  private static List<RawClient.Sample> draw(int port, String label) throws IOException {
    List<RawClient.Sample> samples = new ArrayList<>();
    try (RawClient client = new RawClient(port)) {
      RawClient.Welcome welcome = client.hello(label, 0);
      client.request(SAMPLES);
      for (int i = 0; i < SAMPLES; i++) {
        samples.add(client.sample(welcome));
      }
      client.bye();
    }
    return samples;
  }
}
