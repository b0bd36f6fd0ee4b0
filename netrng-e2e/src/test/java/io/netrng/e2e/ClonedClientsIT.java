// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.bench.Installed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
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

  private static final String FRESH = "fresh entropy after a clone";
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
  private record Rescued(String clientHello, String draw) {}

  /**
   * How the clients of restored machines are rescued.
   *
   * @param name for its files
   * @param devices more devices of the guests
   * @param properties more of the client
   * @param hook runs in each restored guest
   * @param patterns what its log contains afterwards, in this order
   */
  private record Rescue(
      String name,
      List<String> devices,
      List<String> properties,
      String hook,
      List<String> patterns) {

    static Rescue byDetection(String signal, List<String> devices, String hook) {
      return new Rescue(
          signal,
          devices,
          List.of(),
          hook,
          List.of(
              "clone detected.*signal=\"%s\".*done".formatted(signal),
              FRESH + ".*signal=\"%s\"".formatted(signal)));
    }

    void await(Guest guest) {
      Pattern all = Pattern.compile(String.join("(?s:.*)", patterns));
      Awaitility.await("the guest logs " + all)
          .atMost(PATIENCE)
          .until(() -> guest.run("cat /tmp/log"), logged -> all.matcher(logged).find());
    }
  }

  private static String client(int port, List<String> properties) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "chroot /disk /usr/lib/netrng-client/runtime/bin/java",
                "@/usr/lib/netrng-client/java.options",
                "-jar /usr/lib/netrng-client/netrng-client-app.jar",
                "--netrng.client.sink=kernel",
                "--netrng.client.tls.bundle=netrng",
                "--netrng.client.servers=%s:%d".formatted(HOST, port)));
    command.addAll(properties);
    command.addAll(List.of(Certificates.bundle(Path.of("/etc/netrng"), "guest")));
    return String.join(" ", command) + " >/tmp/log 2>&1 &";
  }

  private static void awaitLog(Guest guest, String text) {
    await("the guest logs " + text)
        .atMost(PATIENCE)
        .until(() -> guest.run("cat /tmp/log"), logged -> logged.contains(text));
  }

  /** Runs a client in a guest until it feeds the kernel, and then twice from a snapshot of that. */
  private static List<Rescued> restoreTwice(Rescue rescue) throws Exception {
    List<String> options = new ArrayList<>(Guest.withDisk(disk));
    options.addAll(rescue.devices);
    Path snapshot = directory.resolve(rescue.name + ".vm");
    List<Rescued> rescued = new ArrayList<>();
    try (AppProcess server =
            AppProcess.server(
                Certificates.bundle(
                    certificates,
                    "server",
                    "--netrng.server.source.devices=" + Machine.device(),
                    "--netrng.server.tls.bundle=netrng"));
        HelloRecorder recorder = new HelloRecorder(server.streamPort())) {
      try (Guest guest = Guest.boot(directory.resolve(rescue.name), options)) {
        guest.run("mkdir /disk && " + CHROOT);
        guest.run(client(recorder.port(), rescue.properties));
        awaitLog(guest, "feeding the kernel");
        awaitLog(guest, "admitted by server");
        awaitLog(guest, "Started Netrng");
        guest.save(snapshot);
      }
      for (int i = 0; i < 2; i++) {
        int before = recorder.randoms().size();
        long begun = System.nanoTime();
        try (Guest twin = Guest.restore(directory.resolve(rescue.name + i), snapshot, options)) {
          twin.resume();
          twin.run(rescue.hook);
          rescue.await(twin);
          log.info(
              "{}: {} ms from the restore to fresh entropy",
              rescue.name,
              Duration.ofNanos(System.nanoTime() - begun).toMillis());
          assertThat(recorder.randoms()).hasSizeGreaterThan(before);
          rescued.add(new Rescued(recorder.randoms().get(before), twin.run("rng draw")));
        }
      }
    }
    return rescued;
  }

  private static void assertDiffer(List<Rescued> rescued) {
    assertThat(rescued).extracting(Rescued::clientHello).doesNotHaveDuplicates();
    assertThat(rescued).extracting(Rescued::draw).doesNotHaveDuplicates();
  }

  @Test
  void withAGenerationDeviceClientsDetectTheRestoreAndDiffer() throws Exception {
    assertDiffer(restoreTwice(Rescue.byDetection("acpi-interrupt", Guest.VMGENID, "true")));
  }

  @Test
  void withoutADeviceAHookMakesClientsDiffer() throws Exception {
    assertDiffer(
        restoreTwice(Rescue.byDetection("request", List.of(), "kill -USR1 $(pidof java)")));
  }

  /** The random bytes of the next TLS handshake then come from a generator that both share. */
  @Test
  void withoutADetectionKernelsDifferAfterTheFirstSampleOfANewSession() throws Exception {
    Rescue none =
        new Rescue(
            "none",
            List.of(),
            List.of(
                "--netrng.client.clone-detection=false",
                "--logging.level.io.netrng.client.stream=debug"),
            "true",
            // The first sample has been fed long before the second one arrives.
            List.of(
                "admitted by server",
                "stream from server failed",
                "admitted by server",
                "DEBUG.*sample",
                "DEBUG.*sample"));

    assertThat(restoreTwice(none)).extracting(Rescued::draw).doesNotHaveDuplicates();
  }
}
