// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A clean Debian with systemd as its first process, in a container that has this machine's noise
 * source as /dev/hwrng. Its network is its own loopback, and a cable to another one after {@link
 * #connect}.
 */
final class DebianMachine implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Path HOME = Path.of("target", "debian").toAbsolutePath();

  /** What is in none of our packages: systemd, what they depend on, and what tests look with. */
  private static final String PACKAGES =
      "systemd,systemd-sysv,udev,adduser,libgcc-s1,libstdc++6,zlib1g,rng-tools5,openssl,curl,procps,iproute2";

  /**
   * On cgroup v1 the container's systemd needs this one to tell which devices a service may open.
   */
  private static final Path DEVICES = Path.of("/sys/fs/cgroup/devices");

  private final String name;
  private final Path root;

  /** Of podman, which wants its sockets' paths short. */
  private final Path state;

  private DebianMachine(String name, Path root, Path state) {
    this.name = name;
    this.root = root;
    this.state = state;
  }

  /**
   * Starts one, with some files in its folder /packages.
   *
   * @param name differs from the names of all other machines and root directories
   * @param release such as bookworm
   */
  static DebianMachine start(String name, String release, List<Path> packages)
      throws IOException, InterruptedException {
    Path root = root(name, release);
    Path folder = Files.createDirectories(root.resolve("packages"));
    for (Path file : packages) {
      Files.copy(file, folder.resolve(file.getFileName()));
    }
    DebianMachine machine =
        new DebianMachine("netrng-" + name, root, Files.createTempDirectory("netrng"));
    Files.writeString(
        machine.state.resolve("containers.conf"),
        "[engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"none\"\n");
    List<String> run =
        new ArrayList<>(
            List.of(
                "run",
                "--detach",
                "--name",
                machine.name,
                "--systemd",
                "always",
                "--cap-add",
                "SYS_ADMIN",
                "--cap-add",
                "NET_ADMIN",
                "--cap-add",
                "SYSLOG"));
    run.addAll(List.of("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"));
    run.addAll(List.of("--network", "none", "--device", Machine.device() + ":/dev/hwrng"));
    run.addAll(List.of("--device", "/dev/kmsg"));
    if (Files.isDirectory(DEVICES)) {
      run.addAll(List.of("--volume", DEVICES + ":" + DEVICES));
    }
    run.addAll(List.of("--rootfs", root.toString(), "/lib/systemd/systemd"));
    machine.podman(run);
    try {
      machine.awaits("the machine is up", "systemctl is-system-running | grep -qx running");
    } catch (ConditionTimeoutException e) {
      machine.close();
      throw e;
    }
    return machine;
  }

  /** The release of the machine that runs the tests. */
  static String thisRelease() throws IOException {
    Properties release = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("/etc/os-release"))) {
      release.load(reader);
    }
    return release.getProperty("VERSION_CODENAME");
  }

  /**
   * A root directory that nobody has used yet; what Debian gives for it is kept until mvn clean.
   *
   * @param name as of {@link #start}
   */
  static Path root(String name, String release) throws IOException, InterruptedException {
    Path archive = archive(release);
    Path root = HOME.resolve(name);
    Machine.run(List.of("rm", "-rf", root.toString()));
    Files.createDirectory(root);
    Machine.run(List.of("tar", "-xf", archive.toString(), "-C", root.toString()));
    return root;
  }

  private static synchronized Path archive(String release)
      throws IOException, InterruptedException {
    Path archive = Files.createDirectories(HOME).resolve(release + ".tar");
    if (!Files.exists(archive)) {
      bootstrap(release, PACKAGES, archive);
    }
    return archive;
  }

  /**
   * Makes a system of a release.
   *
   * @param packages more packages, with commas between
   * @param target a directory, or an archive if it ends in .tar; there only once it is whole
   */
  static void bootstrap(String release, String packages, Path target)
      throws IOException, InterruptedException {
    Path made = target.resolveSibling("making-" + target.getFileName());
    Machine.run(
        List.of(
            "timeout",
            "300",
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--include=" + packages,
            release,
            made.toString()));
    Files.move(made, target);
  }

  /** Runs a shell script on it, which must end well, and returns what it printed. */
  String run(String script) throws IOException, InterruptedException {
    return podman(List.of("exec", name, "sh", "-ec", script));
  }

  /** Returns the path at which the machine that runs the tests finds a file of this one. */
  Path file(String path) {
    return root.resolve(path.substring(1));
  }

  /** Lays a network cable to another machine. */
  void connect(String address, DebianMachine other, String otherAddress)
      throws IOException, InterruptedException {
    Machine.run(
        List.of(
            "ip",
            "link",
            "add",
            "eth0",
            "netns",
            pid(),
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            other.pid()));
    addAddress(address);
    other.addAddress(otherAddress);
  }

  private String pid() throws IOException, InterruptedException {
    return podman(List.of("inspect", "--format", "{{.State.Pid}}", name)).strip();
  }

  private void addAddress(String address) throws IOException, InterruptedException {
    run("ip address add %s/24 dev eth0 && ip link set eth0 up".formatted(address));
  }

  /** Makes a directory of the machine the same as one of the machine that runs the tests. */
  void replace(String directory, Path by) throws IOException, InterruptedException {
    Path target = file(directory);
    Machine.run(List.of("rm", "-rf", target.toString()));
    Machine.run(List.of("cp", "-r", by.toString(), target.toString()));
    Machine.run(List.of("chmod", "-R", "a+rX", target.toString()));
  }

  /** Waits until a shell script ends well. */
  void awaits(String reason, String script) {
    await(reason)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> run(script));
  }

  /** What a unit's property is now. */
  String property(String unit, String property) throws IOException, InterruptedException {
    return run("systemctl show --value --property " + property + " " + unit).strip();
  }

  /** What a service has logged. */
  String journal(String unit) throws IOException, InterruptedException {
    return run("journalctl --no-pager --output cat --unit " + unit);
  }

  /** A field of /proc/PID/status of a service's main process. */
  String status(String unit, String field) throws IOException, InterruptedException {
    String pid = property(unit, "MainPID");
    return run("sed -n 's/^%s:\\t//p' /proc/%s/status".formatted(field, pid)).strip();
  }

  /** Changes a unit, as {@code systemctl edit} does; what was changed so before is over. */
  void dropIn(String unit, String content) throws IOException, InterruptedException {
    run(
        """
        mkdir -p /etc/systemd/system/%1$s.service.d
        cat >/etc/systemd/system/%1$s.service.d/test.conf <<'END'
        %2$s
        END
        systemctl daemon-reload
        """
            .formatted(unit, content));
  }

  /** Waits until an app says on its HTTP port that it is ready. */
  void awaitReadiness(int port) {
    awaits(
        "it is ready",
        "curl --fail --silent http://127.0.0.1:%d/actuator/health/readiness".formatted(port));
  }

  private String podman(List<String> arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "timeout",
                "120",
                "env",
                "CONTAINERS_CONF=" + state.resolve("containers.conf"),
                "podman",
                "--root=" + state.resolve("store"),
                "--runroot=" + state.resolve("run"),
                "--storage-driver=vfs",
                "--runtime=runc"));
    command.addAll(arguments);
    return Machine.run(command);
  }

  @Override
  public void close() throws IOException {
    try {
      podman(List.of("rm", "--force", "--time", "5", name));
      // What podman starts to clean up may still write there, so that rm finds a new file.
      await("the machine's files are removed")
          .ignoreExceptions()
          .until(() -> Machine.run(List.of("rm", "-rf", state.toString())) != null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
