// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The images as {@code make image} builds them, in the tests' own storage, which mvn clean removes.
 */
final class Images implements AutoCloseable {

  /** The lock of test classes that use the storage. */
  static final String STORAGE = "images";

  /** All images. */
  static final List<String> ALL = List.of("server", "client", "client-kernel");

  private static final Path HOME = Path.of("target", "images").toAbsolutePath();
  private static final Pattern VERSION = Pattern.compile("\n  <version>(.*)</version>\n");

  /** The directory of podman's state, with a short path because that of a socket is limited. */
  private final Path state;

  private Images(Path state) {
    this.state = state;
  }

  static Images build() throws IOException, InterruptedException {
    Images images = new Images(Files.createTempDirectory("netrng"));
    Files.createDirectories(HOME);
    // Podman does not accept its own state of an earlier run, which had another directory.
    Machine.run(List.of("rm", "-rf", HOME.resolve("libpod").toString()));
    // A mount in target would prevent mvn clean.
    Files.writeString(
        images.state.resolve("storage.conf"),
        """
        [storage]
        driver = "%s"
        graphroot = "%s"
        runroot = "%s"
        [storage.options.overlay]
        skip_mount_home = "true"
        """
            .formatted(driver(), HOME, images.state.resolve("run")));
    // For containers that cannot raise their limits, and without cgroups, which crun requires.
    // When a container ends, podman cleans up with its arguments only, so without a static_dir.
    Files.writeString(
        images.state.resolve("containers.conf"),
        """
        [containers]
        default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
        [engine]
        runtime = "runc"
        cgroup_manager = "cgroupfs"
        events_logger = "none"
        volume_path = "%1$s/volumes"
        tmp_dir = "%1$s/tmp"
        """
            .formatted(images.state));
    images.script("image");
    return images;
  }

  /** Returns the storage driver. The one that works everywhere copies each layer. */
  private static String driver() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(HOME, "mount");
    try {
      Machine.run(
          List.of(
              "unshare",
              "--mount",
              "sh",
              "-ec",
              "cd %s && mkdir l u w m && mount -t overlay -o lowerdir=l,upperdir=u,workdir=w none m"
                  .formatted(directory)));
      return "overlay";
    } catch (IOException e) {
      return "vfs";
    } finally {
      Machine.run(List.of("rm", "-rf", directory.toString()));
    }
  }

  /**
   * Runs one of the project's scripts, which must succeed.
   *
   * @param variables such as {@code SIGNING_KEY=releases@example.org}
   */
  String script(String name, String... variables) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("timeout", "600", "env"));
    command.addAll(List.of(variables));
    command.add(Path.of("../scripts", name).toRealPath().toString());
    return run(command);
  }

  /** Runs podman, which must succeed, and returns its output. */
  String podman(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("timeout", "120", "podman"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + " failed: " + output);
    }
    return output;
  }

  /** Returns the environment variables that select this storage for buildah and podman. */
  Map<String, String> environment() {
    return Map.of(
        "CONTAINERS_STORAGE_CONF", state.resolve("storage.conf").toString(),
        "CONTAINERS_CONF", state.resolve("containers.conf").toString());
  }

  /**
   * Returns the name of an image.
   *
   * @param image such as {@code client-kernel}
   */
  static String of(String image) throws IOException {
    return "netrng-%s:%s".formatted(image, version());
  }

  /** Returns the version of this build. */
  static String version() throws IOException {
    Matcher version = VERSION.matcher(Files.readString(Path.of("..", "pom.xml")));
    if (!version.find()) {
      throw new IOException("pom.xml has no version");
    }
    return version.group(1);
  }

  /** Stops all containers. Keeps the images, so that the next build takes less time. */
  @Override
  public void close() throws IOException {
    try {
      podman("rm", "--all", "--force", "--time", "5");
      podman("image", "prune", "--force");
      Machine.run(List.of("rm", "-rf", state.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
