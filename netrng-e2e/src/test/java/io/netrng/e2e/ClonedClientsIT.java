// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.bench.Installed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The installed client in two virtual machines that are restored from one snapshot. Their kernels
 * have no other source of entropy. {@link GuestsIT} shows that such machines return the same
 * numbers without NetRNG.
 */
@EnabledOnOs(architectures = "amd64")
class ClonedClientsIT {

  private static final Logger log = LoggerFactory.getLogger(ClonedClientsIT.class);

  /** This machine, as a guest sees it. */
  private static final String HOST = "10.0.2.2";

  private static final String CHROOT =
      "mount -t ext2 -o ro /dev/vda /disk && mount -t tmpfs tmp /disk/tmp"
          + " && for d in proc sys dev; do mount --bind /$d /disk/$d; done"
          + " && ifconfig lo up && ifconfig eth0 10.0.2.15 up";

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir static Path directory;

  private static Path certificates;
  private static Path disk;

  @BeforeAll
  static void makeDisk() throws Exception {
    Guest.build();
    certificates = directory.resolve("certificates");
    Certificates.make(certificates, "127.0.0.1 " + HOST, "guest");
    // A client that starts makes the trained copy.
    AppProcess.client("--netrng.client.servers=127.0.0.1:1").close();
    Path java = Path.of(Installed.command("netrng-client").getFirst());
    disk = directory.resolve("disk");
    Guest.makeDisk(java.getParent().getParent().getParent(), certificates, disk);
  }

  /** What a restored machine shows after its client is connected again. */
  private record Rescued(String clientHello, String draw, String log) {}

  /** A snapshot of a guest whose client feeds the kernel, and the server of its restores. */
  private static final class Snapshot implements AutoCloseable {

    private final String name;
    private final List<String> options = new ArrayList<>(Guest.withDisk(disk));
    private final AppProcess server =
        AppProcess.server(
            Certificates.bundle(
                certificates,
                "server",
                "--netrng.server.source.devices=" + Machine.device(),
                "--netrng.server.tls.bundle=netrng"));
    private final HelloRecorder recorder = new HelloRecorder(server.streamPort());
    private int restores;

    /**
     * Runs a client in a guest until it feeds the kernel.
     *
     * @param name for its files
     * @param devices more devices of the guest
     */
    Snapshot(String name, List<String> devices) throws Exception {
      this.name = name;
      options.addAll(devices);
      boolean taken = false;
      try (Guest guest = Guest.boot(directory.resolve(name), options)) {
        guest.run("mkdir /disk && " + CHROOT);
        guest.run(client(recorder.port()));
        awaitLog(guest, "feeding the kernel");
        awaitLog(guest, "admitted by server");
        awaitLog(guest, "Started Netrng");
        guest.save(file());
        taken = true;
      } finally {
        if (!taken) {
          close();
        }
      }
    }

    private Path file() {
      return directory.resolve(name + ".vm");
    }

    /**
     * Restores the guest twice.
     *
     * @param hook runs in each restored guest
     * @param texts regular expressions of what the client logs until it is rescued, in this order
     */
    List<Rescued> restoreTwice(String hook, String... texts) throws Exception {
      Pattern all = Pattern.compile(String.join("(?s:.*)", texts));
      List<Rescued> rescued = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int before = recorder.randoms().size();
        long begun = System.nanoTime();
        Path twinDirectory = directory.resolve("%s-%d".formatted(name, restores++));
        try (Guest twin = Guest.restore(twinDirectory, file(), options)) {
          twin.resume();
          twin.run(hook);
          String logged =
              await("the guest logs " + all)
                  .atMost(PATIENCE)
                  .until(() -> twin.run("cat /tmp/log"), found -> all.matcher(found).find());
          log.info(
              "{}: {} ms from the restore to the rescue",
              name,
              Duration.ofNanos(System.nanoTime() - begun).toMillis());
          assertThat(recorder.randoms()).hasSizeGreaterThan(before);
          rescued.add(new Rescued(recorder.randoms().get(before), twin.run("rng draw"), logged));
        }
      }
      return rescued;
    }

    @Override
    public void close() throws IOException {
      recorder.close();
      server.close();
    }
  }

  private static String client(int port) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "chroot /disk /usr/lib/netrng-client/runtime/bin/java",
                "@/usr/lib/netrng-client/java.options",
                "-jar /usr/lib/netrng-client/netrng-client-app.jar",
                "--logging.level.io.netrng.client.stream=debug",
                "--netrng.client.sink=kernel",
                "--netrng.client.tls.bundle=netrng",
                "--netrng.client.servers=%s:%d".formatted(HOST, port)));
    command.addAll(List.of(Certificates.bundle(Path.of("/etc/netrng"), "guest")));
    return String.join(" ", command) + " >/tmp/log 2>&1 &";
  }

  private static void awaitLog(Guest guest, String text) {
    await("the guest logs " + text)
        .atMost(PATIENCE)
        .until(() -> guest.run("cat /tmp/log"), logged -> logged.contains(text));
  }

  /** Returns what a client logs that detects the restore. */
  private static String[] freshAfter(String signal) {
    return new String[] {
      "clone detected.*signal=\"%s\".*done".formatted(signal),
      "fresh entropy after a clone.*signal=\"%s\"".formatted(signal)
    };
  }

  private static void assertDiffer(List<Rescued> rescued) {
    assertThat(rescued).extracting(Rescued::clientHello).doesNotHaveDuplicates();
    assertThat(rescued).extracting(Rescued::draw).doesNotHaveDuplicates();
  }

  @Test
  void withAGenerationDeviceClientsDetectTheRestoreAndDiffer() throws Exception {
    try (Snapshot snapshot = new Snapshot("vmgenid", Guest.VMGENID)) {
      assertDiffer(snapshot.restoreTwice("true", freshAfter("acpi-interrupt")));
    }
  }

  /** The clock of these guests stops with them, so that nothing shows a restore. */
  @Nested
  @Tag("vm")
  class WithoutAGenerationDevice {

    private static Snapshot snapshot;

    @BeforeAll
    static void takeSnapshot() throws Exception {
      snapshot = new Snapshot("plain", List.of());
    }

    @AfterAll
    static void closeServer() throws Exception {
      snapshot.close();
    }

    @Test
    void aHookMakesClientsDiffer() throws Exception {
      assertDiffer(snapshot.restoreTwice("kill -USR1 $(pidof java)", freshAfter("request")));
    }

    /** The random bytes of the next TLS handshake then come from a generator that both share. */
    @Test
    void kernelsDifferAfterTheFirstSampleOfANewSession() throws Exception {
      // when
      List<Rescued> rescued =
          snapshot.restoreTwice(
              "true",
              "admitted by server",
              "stream from server failed",
              "admitted by server",
              // The first sample has been fed long before the second one arrives.
              "DEBUG.*sample",
              "DEBUG.*sample");

      // then
      assertThat(rescued).noneMatch(twin -> twin.log.contains("clone detected"));
      assertThat(rescued).extracting(Rescued::draw).doesNotHaveDuplicates();
    }
  }
}
