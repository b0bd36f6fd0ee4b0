// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a client does when servers and networks fail, and how long its kernel gets nothing. The gaps
 * are written to a file. {@code make chaos} runs the drills with the default keepalive.
 */
class FailureDrillsIT {

  private static final Path REPORT = Path.of("target", "drills.txt");
  private static final int KEEPALIVE = Integer.getInteger("drills.keepalive", 2);
  private static final String KEEPALIVE_PROPERTY = "--netrng.server.keepalive=" + KEEPALIVE + "s";

  /** Three keepalives, and a fifth of them. */
  private static final Duration SILENCE = Duration.ofMillis(KEEPALIVE * 3_600L);

  private static final Pattern FED = Pattern.compile("(?m)^netrng_kernel_fed_bytes_total (\\S+)$");

  private static final Pattern SAMPLE =
      Pattern.compile("sample epoch=\"(\\S+)\" offset=\"(\\d+)\" size=\"(\\d+)\"");

  /** Feeding that has recovered: two seconds of it. */
  private static final int CALLS = 20;

  @TempDir private static Path shared;
  private static DrillGround ground;
  private static AppProcess first;
  private static AppProcess second;

  @TempDir private Path directory;

  private final List<AppProcess> running = new ArrayList<>();

  @BeforeAll
  static void makeGround() throws Exception {
    ground = new DrillGround(shared);
  }

  @BeforeEach
  void twoServers() throws Exception {
    first = usable(first, "a");
    second = usable(second, "b");
  }

  /** Returns the server of the drill before, or a new one if that drill has ended it. */
  private static AppProcess usable(@Nullable AppProcess server, String name) throws Exception {
    return server != null && server.handle().isAlive() ? server : server(name, 0);
  }

  @AfterEach
  void stop() throws Exception {
    running.reversed().forEach(AppProcess::close);
    ground.heal();
  }

  @AfterAll
  static void leaveGround() throws Exception {
    first.close();
    second.close();
    ground.delete();
  }

  private static AppProcess server(String name, int port) throws Exception {
    return ground.server("ca", name, port, KEEPALIVE_PROPERTY);
  }

  private AppProcess client(String... properties) {
    return client(List.of(first, second), properties);
  }

  private AppProcess client(List<AppProcess> servers, String... properties) {
    return add(ground.client(List.of(), servers, properties));
  }

  private AppProcess add(AppProcess app) {
    running.add(app);
    return app;
  }

  private FeedTrace trace(AppProcess client) throws IOException {
    return new FeedTrace(client, directory.resolve("calls-" + client.pid()));
  }

  /** A failure that a drill causes. */
  private interface Failure {
    void happen() throws Exception;
  }

  /** Lets a failure happen, waits until the client has fed for a while, and reports the gap. */
  private void drill(String name, AppProcess client, Failure failure, Duration goal)
      throws Exception {
    try (FeedTrace trace = trace(client)) {
      Instant failed = Instant.now();
      failure.happen();
      trace.awaitCallsAfter(failed.plus(goal), CALLS);
      Duration gap = trace.longestGapAfter(failed);
      report(name, gap);
      assertThat(gap).as(name).isLessThanOrEqualTo(goal);
    }
  }

  private static void report(String name, Duration gap) throws IOException {
    Files.writeString(
        REPORT,
        "%s: nothing for %d ms, with a keepalive of %d s%n"
            .formatted(name, gap.toMillis(), KEEPALIVE),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  @Nested
  class OneOfTwoCombinedServers {

    private AppProcess client;

    @BeforeEach
    void combine() {
      client =
          client(
              "--netrng.client.combine.servers=2",
              "--netrng.client.combine.minimum=1",
              "--logging.level.io.netrng.client.stream=debug");
      client.awaitLog("live=\"2\"");
    }

    @Test
    void resets() throws Exception {
      drill("one of two servers resets", client, first::kill, Duration.ofSeconds(1));
      assertThat(client.log()).contains("combining fewer servers than configured");
      assertThat(ground.get(client, "/actuator/health/stream")).contains("DEGRADED");
    }

    @Test
    void isStoppedByASignal() throws Exception {
      try {
        drill(
            "one of two servers is stopped by SIGSTOP",
            client,
            () -> Machine.signal("STOP", first.handle()),
            SILENCE);
      } finally {
        Machine.signal("CONT", first.handle());
      }
      assertThat(client.log()).contains("combining fewer servers than configured");
    }

    @Test
    void isPartitionedAndComesBack() throws Exception {
      drill("one of two servers is cut off", client, () -> ground.partition(first), SILENCE);
      assertThat(client.log()).contains("keepalive-missed");

      ground.heal();
      client.awaitLog("live=\"1\"");
      awaitTimes(client, "live=\"2\"", 2);
      assertThatSamplesAreDisjoint();
    }

    /** No byte of any stream arrives twice, in all sessions together. */
    private void assertThatSamplesAreDisjoint() {
      Map<String, NavigableMap<Long, Long>> streams = new HashMap<>();
      SAMPLE
          .matcher(client.log())
          .results()
          .forEach(sample ->
              assertThat(
                      streams
                          .computeIfAbsent(sample.group(1), _ -> new TreeMap<>())
                          .put(
                              Long.parseUnsignedLong(sample.group(2)),
                              Long.parseLong(sample.group(3))))
                  .isNull());
      assertThat(streams).hasSize(2);
      for (NavigableMap<Long, Long> stream : streams.values()) {
        long end = 0;
        for (Map.Entry<Long, Long> sample : stream.entrySet()) {
          assertThat(sample.getKey()).isGreaterThanOrEqualTo(end);
          end = sample.getKey() + sample.getValue();
        }
      }
    }
  }

  private static void awaitTimes(AppProcess client, String text, int times) {
    await(text + " occurs " + times + " times")
        .atMost(AppProcess.PATIENCE)
        .until(() -> client.log().split(text, -1).length > times);
  }

  @Nested
  class TheOnlyServerOfTheStream {

    @Test
    void resets() throws Exception {
      AppProcess client = client();
      drill("the server resets", client, first::kill, Duration.ofSeconds(3));
      assertThat(client.log()).contains("reason=\"lost\"");
    }

    @Test
    void fallsSilent() throws Exception {
      AppProcess client = client();
      drill("the server is cut off", client, () -> ground.partition(first), SILENCE);
      assertThat(client.log()).contains("keepalive-missed");
    }

    @Test
    void isStoppedByASignal() throws Exception {
      AppProcess client = client();
      try {
        drill(
            "the server is stopped by SIGSTOP",
            client,
            () -> Machine.signal("STOP", first.handle()),
            SILENCE);
      } finally {
        Machine.signal("CONT", first.handle());
      }
      assertThat(client.log()).contains("keepalive-missed");
    }

    @Test
    void isReceivedNoMoreButReceives() throws Exception {
      AppProcess client = client();
      drill("one direction is cut off", client, () -> ground.silence(first), SILENCE);
    }

    @Test
    void losesPowerAndIsBackWithoutItsConnections() throws Exception {
      AppProcess client = client(List.of(first));
      drill(
          "the server loses power and returns",
          client,
          () -> {
            int port = first.streamPort();
            ground.partition(first);
            first.kill();
            add(server("a", port));
            ground.heal();
          },
          Duration.ofSeconds(15));
    }
  }

  @Test
  void oneOfTwoCombinedServersIsOfAnotherAuthority() throws Exception {
    AppProcess rogue = add(ground.server("rogue-ca", "c", 0, KEEPALIVE_PROPERTY));
    AppProcess client =
        client(
            List.of(rogue, first),
            "--netrng.client.combine.servers=2",
            "--netrng.client.combine.minimum=1");
    client.awaitLog("admitted by server server=\"" + first.address());
    awaitFed(client, 1);
    assertThat(client.log())
        .contains("reason=\"no-tls\"")
        .doesNotContain("admitted by server server=\"" + rogue.address());
    assertThat(ground.get(client, "/actuator/health/stream")).contains("DEGRADED");
    assertThat(ground.get(client, "/actuator/prometheus"))
        .contains("netrng_combined_bytes_total{servers=\"2\"} 0.0");
  }

  @Test
  void theDeviceOfOneOfTwoCombinedServersBecomesTooSlow() throws Exception {
    ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
    try {
      FaultyDevice device = new FaultyDevice(directory.resolve("device"), writer);
      AppProcess slow =
          add(ground.server("ca", "c", 0, Path.of(device.path()), KEEPALIVE_PROPERTY));
      AppProcess client =
          client(
              List.of(first, slow),
              "--netrng.client.combine.servers=2",
              "--netrng.client.combine.minimum=1");
      client.awaitLog("live=\"2\"");
      try (FeedTrace trace = trace(client)) {
        Instant begin = Instant.now();
        device.slowDown();
        client.awaitLog("server owes samples: the others are combined without it");
        await("health shows it")
            .atMost(AppProcess.PATIENCE)
            .until(
                () -> ground.get(client, "/actuator/health/stream"),
                health -> health.contains("\"reason\":\"owes samples\""));
        trace.awaitCallsAfter(Instant.now(), CALLS);
        Duration gap = trace.longestGapAfter(begin);
        report("the device of one of two servers becomes too slow", gap);
        assertThat(gap).isLessThanOrEqualTo(SILENCE);
      }
      assertThat(client.log()).contains("combining fewer servers than configured");
    } finally {
      writer.shutdownNow();
    }
  }

  @Test
  void aFifthOfAllPacketsIsLost() throws Exception {
    AppProcess client = client();
    drill(
        "20 % of the packets are lost",
        client, () -> ground.lose(20, first), Duration.ofSeconds(15));
  }

  @Test
  void everythingArrives200MsLater() throws Exception {
    try (AppProcess server =
            AppProcess.server(
                "--netrng.server.source.devices=/dev/urandom",
                "--netrng.server.default-guarantee=4KB/s",
                KEEPALIVE_PROPERTY);
        DelayingRelay relay = new DelayingRelay(server.streamPort(), Duration.ofMillis(200));
        AppProcess client =
            AppProcess.client(
                "--netrng.client.servers=" + relay.address(),
                "--netrng.client.sink=kernel",
                "--netrng.client.kernel.reseed-interval=100ms",
                "--netrng.client.guarantee=4KB/s",
                "--netrng.client.max-rate=4KB/s")) {
      client.awaitMetric("netrng_kernel_fed_bytes_total", 1);
      drill("200 ms of delay", client, () -> {}, Duration.ofSeconds(3));
      assertThat(Machine.warnings(client.log())).isEmpty();
    }
  }

  @Test
  void aServerOfAnotherAuthorityIsListedFirst() throws Exception {
    AppProcess rogue = add(ground.server("rogue-ca", "a", 0, KEEPALIVE_PROPERTY));
    AppProcess client = client(List.of(rogue, first));
    client.awaitLog("admitted by server server=\"" + first.address());
    assertThat(client.log())
        .contains("reason=\"no-tls\"")
        .doesNotContain("admitted by server server=\"" + rogue.address());
    assertThat(ground.get(client, "/actuator/prometheus"))
        .containsPattern("netrng_stream_failures_total\\{reason=\"no-tls\"} [1-9]");
  }

  @Test
  void theClockJumpsForwardAndBack() throws Exception {
    // given
    Path offset = Files.writeString(directory.resolve("offset"), "+0");
    AppProcess client =
        add(
            ground.client(
                List.of(
                    // Where the hypervisor has a signal, clients do not watch the clock.
                    "unshare",
                    "--mount",
                    "sh",
                    "-c",
                    "mount -t tmpfs none /sys/bus && exec \"$@\"",
                    "sh",
                    "env",
                    "LD_PRELOAD=" + fakeTime(),
                    "FAKETIME_TIMESTAMP_FILE=" + offset,
                    "FAKETIME_CACHE_DURATION=1",
                    "DONT_FAKE_MONOTONIC=1",
                    // The JVM does not use an AOT cache if the times of its files differ.
                    "NO_FAKE_STAT=1"),
                List.of(first, second)));

    awaitFed(client, 1);

    // when a virtual machine's clock jumps ahead, as after a restore
    Files.writeString(offset, "+1h");

    // then
    client.awaitLog("fresh entropy after a clone");

    // and when
    double fed = awaitFed(client, 1);
    Files.writeString(offset, "+0");

    // then
    awaitFed(client, fed + 16 * 1024);
    assertThat(client.log().split("clone detected", -1)).hasSize(2);
    assertThat(client.log()).doesNotContain("stream from server failed");
  }

  /** Waits until the client has fed so many bytes, and returns how many it has. */
  private double awaitFed(AppProcess client, double bytes) {
    return await("the client has fed " + bytes)
        .atMost(AppProcess.PATIENCE)
        .until(
            () -> {
              Matcher fed = FED.matcher(ground.get(client, "/actuator/prometheus"));
              return fed.find() ? Double.parseDouble(fed.group(1)) : 0;
            },
            fed -> fed >= bytes);
  }

  private static Path fakeTime() throws IOException {
    try (var files =
        Files.find(Path.of("/usr/lib"), 3, (p, _) -> p.endsWith("libfaketimeMT.so.1"))) {
      return files.findFirst().orElseThrow(() -> new IOException("libfaketime is not installed"));
    }
  }
}
