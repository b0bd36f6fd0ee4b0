// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of NetRNG in kernels of virtual machines without any other source of entropy: the first
 * seed, and two machines from one snapshot.
 *
 * <p>Server, stream and client are NetRNG's, and run on this machine. The client takes {@code
 * socat} for its rngd, which passes the bytes to a virtio serial port. The last step is not
 * NetRNG's: in the guest, {@code rng feed} and {@code rng twin} make the same two requests to the
 * kernel as the client's sink {@code kernel}. {@link KernelSinkIT} tests the requests of the client
 * itself.
 */
@EnabledOnOs(architectures = "amd64")
class GuestsIT {

  private static final Logger log = LoggerFactory.getLogger(GuestsIT.class);

  private static final int SEED = 32;
  private static final String SEEDED = "random: crng init done";
  private static final String FORKED = "random: crng reseeded due to virtual machine fork";

  @TempDir static Path directory;

  @AutoClose private static AppProcess server;

  @BeforeAll
  static void start() throws Exception {
    Guest.build();
    server = AppProcess.server("--netrng.server.source.devices=" + Machine.device());
  }

  /** A program that takes the place of rngd and passes the client's bytes to a socket. */
  private static Path forwarder(Path socket) throws IOException {
    return Machine.script(
        directory.resolve("rngd"),
        """
        #!/bin/sh
        case $1 in
          --help) echo --no-drng ;;
          *) exec socat -u STDIN UNIX-CONNECT:%s ;;
        esac
        """
            .formatted(socket));
  }

  @Test
  void aGuestWithoutEntropyIsSeededByTheFirstBytesOfTheClient() throws Exception {
    // given
    Path port = directory.resolve("port");
    long started = System.nanoTime();
    try (Guest guest =
        Guest.boot(
            directory.resolve("seed"),
            List.of(
                "-device",
                "virtio-serial-pci",
                "-chardev",
                "socket,id=port,path=%s,server=on,wait=off".formatted(port),
                "-device",
                "virtserialport,chardev=port,name=netrng"))) {
      Duration boot = Duration.ofNanos(System.nanoTime() - started);
      assertThat(guest.run("rng draw || true"))
          .isEqualTo("getrandom: Resource temporarily unavailable\n");
      guest.run("rng feed /dev/vport* >/tmp/fed 2>&1 &");

      // when
      try (AppProcess client =
          AppProcess.start(
              List.of(),
              "client",
              "--netrng.client.servers=" + server.address(),
              "--netrng.client.rngd.command=" + forwarder(port))) {
        long before = System.nanoTime();

        // then
        await("the kernel of the guest is seeded")
            .atMost(AppProcess.PATIENCE)
            .pollInterval(Duration.ofMillis(10))
            .failFast("the client ended", () -> !client.handle().isAlive())
            .until(() -> guest.console().contains(SEEDED));
        log.info(
            "boot of the guest {} ms; start of the client to '{}' {} ms",
            boot.toMillis(),
            SEEDED,
            Duration.ofNanos(System.nanoTime() - before).toMillis());
        await("the feeder ends").until(() -> guest.run("cat /tmp/fed"), "fed\n"::equals);
        assertThat(guest.run("rng draw")).matches("[0-9a-f]{64}\n");
      }
    }
  }

  /** What two guests from one snapshot draw: at once, after the credit, and after the reseed. */
  private record Twins(List<List<String>> draws) {

    /**
     * Whether the kernel of neither reseeded by itself before the reseed that the test asks for.
     */
    boolean areEqualUntilTheReseed() {
      return first(0).equals(second(0)) && first(1).equals(second(1));
    }

    String first(int draw) {
      return draws.getFirst().get(draw);
    }

    String second(int draw) {
      return draws.getLast().get(draw);
    }
  }

  private static Twins twins(Guest guest, RawClient client, Path snapshot) throws IOException {
    guest.send("rng twin");
    guest.awaitOutput(Pattern.compile("ready\n"));
    guest.save(snapshot);
    List<List<String>> draws = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path files = Files.createTempDirectory(directory, "twin");
      try (Guest twin = Guest.restore(files, snapshot, List.of())) {
        twin.send(seed(client));
        twin.resume();
        draws.add(twin.awaitEnd().lines().toList());
      }
    }
    // The first guest goes on, so that it can be saved again.
    guest.send(seed(client));
    guest.resume();
    guest.awaitEnd();
    return new Twins(draws);
  }

  /** Gives a kernel its first seed; which one is of no interest. */
  private static void seed(Guest guest) throws IOException {
    guest.run("echo 0123456789abcdef0123456789abcdef >/tmp/seed && rng feed /tmp/seed");
  }

  /** Returns bytes of a new sample, in hexadecimal. */
  private static String seed(RawClient client) throws IOException {
    ByteBuffer sample = client.request(1).sample().entropy();
    byte[] seed = new byte[SEED];
    sample.get(seed);
    return HexFormat.of().formatHex(seed);
  }

  @Test
  void twinsDrawTheSameUntilTheyUseDifferentBytesOfTheServer() throws Exception {
    // given
    try (Guest guest = Guest.boot(directory.resolve("snapshot"), List.of());
        RawClient client = new RawClient(server.streamPort())) {
      client.join("twins");
      seed(guest);

      // when
      // A young kernel reseeds by itself each second or so, at times that nobody outside can see.
      Twins twins =
          await("twins draw the same after the restore and after the credit")
              .atMost(AppProcess.PATIENCE)
              .until(
                  () -> twins(guest, client, directory.resolve("snapshot.vm")),
                  Twins::areEqualUntilTheReseed);

      // then
      assertThat(twins.first(2)).as("draw after the reseed").isNotEqualTo(twins.second(2));
    }
  }

  @Test
  void aGenerationDeviceMakesTheKernelReseedAndReportIt() throws Exception {
    // given
    Path snapshot = directory.resolve("generation.vm");
    String interrupts;
    try (Guest guest = Guest.boot(directory.resolve("generation"), Guest.VMGENID)) {
      seed(guest);
      assertThat(guest.run("echo /sys/bus/*/drivers/vmgenid/*:*")).endsWith("/QEMUVGID:00\n");
      interrupts = guest.run("grep acpi /proc/interrupts");
      guest.save(snapshot);
    }

    List<String> draws = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path files = directory.resolve("generation-" + i);
      try (Guest twin = Guest.restore(files, snapshot, Guest.VMGENID)) {
        // when
        twin.resume();

        // then
        await("the kernel reports the fork")
            .atMost(AppProcess.PATIENCE)
            .until(() -> twin.console().contains(FORKED));
        draws.add(twin.run("rng draw"));
        assertThat(count(twin.run("grep acpi /proc/interrupts"))).isEqualTo(count(interrupts) + 1);
        assertThat(twin.run("grep -m 1 'machine fork' /dev/kmsg"))
            .matches("5,\\d+,\\d+,[^;]*;" + FORKED + "\n");
      }
    }
    assertThat(draws).doesNotHaveDuplicates();
  }

  /** The number of interrupts of the first processor. */
  private static long count(String line) {
    return Long.parseLong(line.strip().split("\\s+", -1)[1]);
  }
}
