// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Linux in QEMU that has no source of entropy: no RDRAND, no RDSEED, no virtio-rng. QEMU emulates
 * its processor, so that it runs on each x86-64 machine, and slowly: a JVM starts ten times slower.
 * The kernel is Debian's. Its programs are busybox and {@code src/test/guest/rng.c}, and those of a
 * disk.
 *
 * <p>A guest has a directory with the log of its kernel ({@code console}), the output of its shell
 * ({@code shell}) and QEMU's errors ({@code qemu}).
 */
final class Guest implements AutoCloseable {

  /** Adds a device that notifies the guest of its new generation after a restore. */
  static final List<String> VMGENID = List.of("-device", "vmgenid,guid=auto");

  private static final Path SYSTEM = Path.of("target", "guest").toAbsolutePath();
  private static final Path BUILD = Path.of("src", "test", "guest", "build");
  private static final Path DISK = Path.of("src", "test", "guest", "disk");
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);
  private static final Pattern END = Pattern.compile("@@(\\d+)\n");

  /** The bytes that the driver of virtio-rng requests at once. */
  private static final int READ_OF_HWRNG = 64;

  /** Kernels of some versions crash in an emulated machine, once in ten starts. */
  private static final int BOOTS = 4;

  private static boolean isBuilt;

  private final Path directory;
  private final Process qemu;
  private final Qmp qmp;

  /** The length of the shell's output that was returned. */
  private int read;

  private Guest(Path directory, List<String> options) throws IOException {
    this.directory = Files.createDirectories(directory);
    Path control = directory.resolve("qmp");
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-nodefaults",
                "-no-user-config",
                "-no-reboot",
                "-display",
                "none",
                "-machine",
                "q35",
                "-accel",
                "tcg",
                "-cpu",
                "max,-rdrand,-rdseed",
                "-m",
                "128M",
                "-kernel",
                SYSTEM.resolve("vmlinuz").toString(),
                "-initrd",
                SYSTEM.resolve("initrd").toString(),
                "-append",
                "console=ttyS0 loglevel=6 panic=-1"
                    + " random.trust_cpu=off random.trust_bootloader=off",
                "-serial",
                "file:" + directory.resolve("console"),
                "-serial",
                "stdio",
                "-qmp",
                "unix:%s,server=on,wait=off".formatted(control)));
    command.addAll(options);
    qemu =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("shell").toFile())
            .redirectError(directory.resolve("qemu").toFile())
            .start();
    try {
      qmp =
          await("QEMU listens")
              .atMost(AppProcess.PATIENCE)
              .pollInterval(POLL_INTERVAL)
              .ignoreExceptionsInstanceOf(IOException.class)
              .failFast("it ended", () -> !qemu.isAlive())
              .until(() -> Qmp.connect(control), connected -> true);
    } catch (RuntimeException e) {
      Machine.kill(List.of(qemu));
      throw new IOException(text("qemu"), e);
    }
  }

  /**
   * Starts a guest and waits for its shell.
   *
   * @param directory of this guest alone
   * @param options more devices
   */
  static Guest boot(Path directory, List<String> options) throws IOException {
    for (int boot = 1; ; boot++) {
      Guest guest = new Guest(directory.resolve("boot-" + boot), options);
      try {
        guest.awaitEnd();
        return guest;
      } catch (RuntimeException e) {
        guest.close();
        if (boot == BOOTS) {
          throw e;
        }
      }
    }
  }

  /** Builds the system of all guests, and downloads its packages at the first time. */
  static synchronized void build() throws IOException, InterruptedException {
    if (!isBuilt) {
      Machine.run(List.of(BUILD.toString(), SYSTEM.toString()));
      isBuilt = true;
    }
  }

  /**
   * Makes a disk with the client, its libraries and a configuration.
   *
   * @param etc becomes {@code /etc/netrng}
   */
  static void makeDisk(Path client, Path etc, Path disk) throws IOException, InterruptedException {
    Machine.run(List.of(DISK.toString(), client.toString(), etc.toString(), disk.toString()));
  }

  /** Options of a guest with this disk, and a network that reaches this machine as 10.0.2.2. */
  static List<String> withDisk(Path disk) {
    return List.of(
        "-m",
        "640M",
        "-drive",
        "file=%s,format=raw,if=virtio,readonly=on".formatted(disk),
        "-netdev",
        "user,id=net,ipv6=off",
        "-device",
        "virtio-net-pci,netdev=net");
  }

  /** Options of a guest whose /dev/hwrng is an EGD server at this socket, as documented. */
  static List<String> withEgd(Path socket) throws IOException {
    String options = Blocks.tested("qemu", "docs/guests.md");
    String documented = "/run/netrng-server/qemu.sock";
    assertThat(options).contains(documented);
    return List.of(options.replace(documented, socket.toString()).strip().split("\\s+"));
  }

  /**
   * Starts a guest from a snapshot, which waits in QEMU until {@link #resume()}.
   *
   * @param options the same as of the guest that was saved
   */
  static Guest restore(Path directory, Path snapshot, List<String> options) throws IOException {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("-S", "-incoming", "exec:cat " + snapshot));
    Guest guest = new Guest(directory, all);
    try {
      await("the snapshot is read")
          .atMost(AppProcess.PATIENCE)
          .pollInterval(POLL_INTERVAL)
          .failFast("QEMU ended", () -> !guest.qemu.isAlive())
          .until(
              () -> guest.qmp.execute("query-status", Map.of()).get("status").asString(),
              "paused"::equals);
    } catch (RuntimeException e) {
      guest.close();
      throw e;
    }
    return guest;
  }

  /** Stops the guest and saves its memory and devices. */
  void save(Path snapshot) throws IOException {
    qmp.execute("stop", Map.of());
    qmp.execute("migrate", Map.of("uri", "exec:cat > " + snapshot));
    await("the snapshot is written")
        .atMost(AppProcess.PATIENCE)
        .pollInterval(POLL_INTERVAL)
        .until(
            () -> qmp.execute("query-migrate", Map.of()).path("status").asString(),
            "completed"::equals);
  }

  void resume() throws IOException {
    qmp.execute("cont", Map.of());
  }

  /** Runs a shell script of one line, which must succeed, and returns its output. */
  String run(String line) throws IOException {
    send(line);
    return awaitEnd();
  }

  /** Writes a line to the shell, or to the program that it runs. */
  void send(String line) throws IOException {
    qemu.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    qemu.getOutputStream().flush();
  }

  /** Waits for the end of the script that the shell runs, and returns its output. */
  String awaitEnd() {
    Matcher end = awaitOutput(END);
    String output = shell().substring(read, read + end.start());
    read += end.end();
    assertThat(end.group(1)).as("the exit status after the output: " + output).isEqualTo("0");
    return output;
  }

  /** Waits until the output that was not returned yet contains the pattern. */
  Matcher awaitOutput(Pattern pattern) {
    return await("the guest prints " + pattern)
        .atMost(AppProcess.PATIENCE)
        .pollInterval(POLL_INTERVAL)
        .failFast("QEMU ended", () -> !qemu.isAlive())
        .until(() -> pattern.matcher(shell().substring(read)), Matcher::find);
  }

  private String shell() {
    return text("shell");
  }

  /** Waits until a file that a program of the guest fills from /dev/hwrng has grown. */
  void awaitMore(String file) throws IOException {
    long before = size(file);
    await("the guest reads more bytes from " + file)
        .atMost(AppProcess.PATIENCE)
        .until(() -> size(file) > before + 4 * READ_OF_HWRNG);
  }

  /** Returns the size of a file, in bytes. */
  long size(String file) throws IOException {
    return Long.parseLong(run("stat -c %s " + file).strip());
  }

  /** Returns what the kernel has printed since the start or the restore. */
  String console() {
    return text("console");
  }

  private String text(String file) {
    try {
      return Files.readString(directory.resolve(file), StandardCharsets.ISO_8859_1)
          .replace("\r", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the guest; its files remain. */
  @Override
  public void close() throws IOException {
    qmp.close();
    qemu.destroyForcibly();
    try {
      qemu.waitFor(AppProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
