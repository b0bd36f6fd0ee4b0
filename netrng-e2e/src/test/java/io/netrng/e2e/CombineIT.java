// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that combines servers, with the kernel of this machine. */
class CombineIT {

  private static final int DEVICE_SIZE = 4 << 20;

  /** A server has read less than this when the client is traced. */
  private static final int SEARCHED = 1 << 20;

  private static final String ONE_SERVER = "netrng_combined_bytes_total{servers=\"1\"}";
  private static final String TWO_SERVERS = "netrng_combined_bytes_total{servers=\"2\"}";
  private static final String FED = "netrng_kernel_fed_bytes_total";

  /** Each has at least 32 bytes, so that equal sums are no accident. */
  private static final int CALLS = 4;

  @TempDir private Path dir;

  /** Each server has a certificate with a name of its own. */
  @BeforeEach
  void makeCertificates() throws Exception {
    for (String name : List.of("a", "b")) {
      Certificates.make(dir, "rng-%s.test localhost 127.0.0.1".formatted(name), "client");
      for (String suffix : List.of(".crt", ".key")) {
        Files.move(dir.resolve("server" + suffix), dir.resolve(name + suffix));
      }
    }
  }

  /** A device of known bytes. */
  private Path device(String name, long seed) throws IOException {
    byte[] random = new byte[DEVICE_SIZE];
    new SplittableRandom(seed).nextBytes(random);
    return Files.write(dir.resolve("device-" + name), random);
  }

  private AppProcess server(String name, int port, Path device) {
    return AppProcess.server(
        port,
        Certificates.bundle(
            dir,
            name,
            "--netrng.server.tls.bundle=netrng",
            "--netrng.server.source.devices=" + device));
  }

  /** Starts a client with the properties of the documentation, and other servers. */
  private AppProcess client(List<String> servers, String... more) throws IOException {
    Stream<String> documented =
        Blocks.tested("combine", "docs/trust.md")
            .lines()
            .filter(line -> !line.startsWith("netrng.client.servers="))
            .map("--"::concat);
    return AppProcess.client(
        Certificates.bundle(
            dir,
            "client",
            Stream.of(
                    documented,
                    Stream.of(
                        "--netrng.client.servers=" + String.join(",", servers),
                        "--netrng.client.tls.bundle=netrng",
                        "--netrng.client.sink=kernel",
                        "--netrng.client.max-rate=4KB/s"),
                    Stream.of(more))
                .flatMap(part -> part)
                .toArray(String[]::new)));
  }

  @Test
  void eachByteForTheKernelIsTheSumOfOneByteOfEachServer() throws Exception {
    Path deviceA = device("a", 1);
    Path deviceB = device("b", 2);
    try (AppProcess a = server("a", 0, deviceA);
        AppProcess b = server("b", 0, deviceB);
        AppProcess client = client(List.of(a.address(), b.address()))) {
      // given
      client.awaitMetric(TWO_SERVERS, 1);

      // when
      List<FeedTrace.Call> calls;
      try (FeedTrace trace = new FeedTrace(client, dir.resolve("calls"))) {
        trace.awaitCallsAfter(Instant.EPOCH, CALLS);
        calls = trace.calls();
      }

      // then
      ByteArrayOutputStream fed = new ByteArrayOutputStream();
      for (FeedTrace.Call call : calls) {
        assertThat(call.bits()).isEqualTo(Byte.SIZE * call.bytes().remaining());
        fed.write(call.bytes().array());
      }
      assertThat(isSumOf(fed.toByteArray(), deviceA, deviceB)).isTrue();
      assertThat(isSumOf(fed.toByteArray(), deviceA, deviceA)).isFalse();
      assertThat(client.metric(ONE_SERVER)).isZero();
      assertThat(client.metric("netrng_combine_live")).isEqualTo(2);
      assertThat(Machine.warnings(client.log())).isEmpty();
      client.awaitHealth("/actuator/health/stream", 200);
      assertThat(client.get("/actuator/health/stream").body())
          .contains("\"streams\":[", a.address(), b.address());
    }
  }

  /** Finds where both devices were when the bytes begin, and compares all of the bytes. */
  private static boolean isSumOf(byte[] fed, Path deviceA, Path deviceB) throws IOException {
    byte[] a = Files.readAllBytes(deviceA);
    ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(deviceB));
    Map<Long, Integer> places = new HashMap<>();
    for (int i = 0; i < SEARCHED; i++) {
      places.put(b.getLong(i), i);
    }
    long first = ByteBuffer.wrap(fed).getLong(0);
    ByteBuffer words = ByteBuffer.wrap(a);
    for (int i = 0; i < SEARCHED; i++) {
      Integer place = places.get(first ^ words.getLong(i));
      if (place != null && mismatch(fed, a, i, b.array(), place).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static OptionalInt mismatch(byte[] fed, byte[] a, int fromA, byte[] b, int fromB) {
    for (int i = 0; i < fed.length; i++) {
      if (fed[i] != (byte) (a[fromA + i] ^ b[fromB + i])) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  @Test
  void theKernelGetsNothingWhileAServerIsMissingAndTheSumAgainWhenItIsBack() throws Exception {
    try (AppProcess a = server("a", 0, Path.of(Machine.device()));
        AppProcess b = server("b", 0, Path.of("/dev/urandom"));
        AppProcess client = client(List.of(a.address(), b.address()))) {
      // given
      client.awaitMetric(TWO_SERVERS, 1);
      int port = b.streamPort();

      // when
      b.kill();

      // then
      client.awaitHealth("/actuator/health/stream", 503);
      assertThat(client.get("/actuator/health/stream").body())
          .contains("1 of 2 servers, at least 2 required");
      assertThat(client.log()).contains("too few servers to combine: the kernel gets nothing");
      assertThat(client.metric("netrng_stream_up")).isZero();
      double received = client.metric("netrng_received_bytes_total");
      double fed = client.metric(FED);

      // when
      try (AppProcess _ = server("b", port, Path.of("/dev/urandom"))) {
        // then
        client.awaitMetric(FED, fed + 4_096);
        client.awaitHealth("/actuator/health/stream", 200);
        assertThat(client.metric(ONE_SERVER)).isZero();
        assertThat(client.metric("netrng_received_bytes_total")).isGreaterThan(received);
      }
    }
  }

  @Test
  void withALowerMinimumTheKernelGetsTheBytesOfTheServerThatIsLeft() throws Exception {
    try (AppProcess a = server("a", 0, Path.of(Machine.device()));
        AppProcess b = server("b", 0, Path.of("/dev/urandom"));
        AppProcess client =
            client(List.of(a.address(), b.address()), "--netrng.client.combine.minimum=1")) {
      // given
      client.awaitMetric(TWO_SERVERS, 1);

      // when
      b.kill();

      // then
      double alone = client.metric(ONE_SERVER);
      client.awaitMetric(ONE_SERVER, alone + 4_096);
      client.awaitHealth("/actuator/health/stream", 200);
      assertThat(client.get("/actuator/health/stream").body())
          .contains("\"status\":\"DEGRADED\"", "1 of 2 servers, at least 1 required");
      assertThat(client.log()).contains("combining fewer servers than configured");
      assertThat(client.metric("netrng_combine_live")).isEqualTo(1);
      client.awaitHealth("/actuator/health/readiness", 200);
    }
  }

  @Test
  void oneServerAtTwoAddressesDoesNotCountAsTwo() throws Exception {
    try (AppProcess a = server("a", 0, Path.of(Machine.device()));
        AppProcess client =
            client(List.of(a.address(), a.address().replace("127.0.0.1", "localhost")))) {
      client.awaitMetric("netrng_stream_failures_total", 1);
      assertThat(client.log()).contains("same-server", "another stream uses this server");
      assertThat(client.metric("netrng_combine_live")).isEqualTo(1);
      assertThat(client.metric("netrng_received_bytes_total")).isZero();
      a.awaitMetric("netrng_clients_connected", 1);
    }
  }

  @Test
  void moreServersThanAreListedCannotBeCombined() throws Exception {
    try (AppProcess client =
        AppProcess.start(List.of(), "client", "--netrng.client.combine.servers=2")) {
      assertThat(client.exitCode()).isNotZero();
      assertThat(client.log())
          .contains("netrng.client.combine.servers", "list at least as many servers")
          .doesNotContain("\tat ");
    }
  }
}
