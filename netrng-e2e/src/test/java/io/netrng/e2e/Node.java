// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A substitute for a kubelet that runs a server and a client on this machine. Both run in a
 * separate network, in which the Services' names resolve to them. Their mounted files have the
 * layout of a kubelet, on a read-only root with an empty /tmp. They run as uid 0 with only the
 * environment and capabilities of their pods. They are the jars, not the images.
 */
final class Node implements AutoCloseable {

  static final String NAME = "node-1";

  private static final List<String> APPS = List.of("server", "client");
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  private final Path directory;
  private final Process process;

  private Node(Path directory, Process process) {
    this.directory = directory;
    this.process = process;
  }

  /** Starts both apps without waiting for them. */
  static Node start(Rendering rendering, Path directory) throws IOException {
    String names =
        rendering
            .all("Service")
            .map(service -> " %s.entropy.svc".formatted(Rendering.name(service)))
            .collect(Collectors.joining());
    Files.writeString(directory.resolve("hosts"), "127.0.0.1" + names + "\n");
    Files.createDirectory(directory.resolve("pods"));
    for (String app : APPS) {
      Files.writeString(
          directory.resolve("pods").resolve(app + ".sh"), script(rendering.pod(app), directory));
    }
    mount(rendering, directory);
    List<String> command = new ArrayList<>(List.of("unshare", "--net", "--mount", "--pid"));
    command.addAll(List.of("--fork", "--kill-child", "--mount-proc", "bash"));
    command.add(Path.of("src/test/resources/helm/node.sh").toAbsolutePath().toString());
    command.addAll(List.of(directory.toString(), Path.of("..").toRealPath().toString()));
    Path log = directory.resolve("node.log");
    return new Node(
        directory,
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  private static String script(JsonNode pod, Path directory) {
    String app = Rendering.component(pod);
    JsonNode container = pod.at("/spec/containers/0");
    StringBuilder script = new StringBuilder("set -eu\n");
    for (JsonNode mount : container.at("/volumeMounts").values()) {
      String path = mount.at("/mountPath").asString();
      script.append(
          volume(pod, mount).has("emptyDir")
              ? "mount -t tmpfs tmpfs " + path + "\n"
              : "mount --bind -o ro %s %s\n"
                  .formatted(directory.resolve(app + path.replace('/', '-')), path));
    }
    String environment =
        container
            .at("/env")
            .valueStream()
            .map(variable -> " '%s=%s'".formatted(variable.at("/name").asString(), value(variable)))
            .collect(Collectors.joining());
    JsonNode capabilities = container.at("/securityContext/capabilities");
    assertThat(capabilities.at("/drop/0").asString()).isEqualTo("ALL");
    String added =
        capabilities
            .at("/add")
            .valueStream()
            .map(name -> ",+" + name.asString().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining());
    return script
        .append("mount -o remount,bind,ro /\ncd /\nexec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin")
        .append(environment)
        .append(" setpriv --bounding-set=-all%s --inh-caps=-all".formatted(added))
        .append(" %s -jar /run/netrng-%s/netrng-%s-app.jar\n".formatted(JAVA, app, app))
        .toString();
  }

  private static String value(JsonNode variable) {
    return variable.at("/valueFrom/fieldRef/fieldPath").asString("").equals("spec.nodeName")
        ? NAME
        : variable.at("/value").asString();
  }

  private static JsonNode volume(JsonNode pod, JsonNode mount) {
    return pod.at("/spec/volumes")
        .valueStream()
        .filter(volume -> volume.at("/name").equals(mount.at("/name")))
        .findFirst()
        .orElseThrow();
  }

  /** Replaces the mounted Secrets and ConfigMaps. */
  void mount(Rendering rendering) throws IOException {
    mount(rendering, directory);
  }

  private static void mount(Rendering rendering, Path directory) throws IOException {
    for (String app : APPS) {
      JsonNode pod = rendering.pod(app);
      // Creates the mount point for a mount below another one.
      Files.createDirectories(directory.resolve(app + "-etc-netrng").resolve("secrets"));
      for (JsonNode mount : pod.at("/spec/containers/0/volumeMounts").values()) {
        JsonNode volume = volume(pod, mount);
        Path target = directory.resolve(app + mount.at("/mountPath").asString().replace('/', '-'));
        if (volume.has("configMap")) {
          String name = volume.at("/configMap/name").asString();
          write(target, Rendering.data(rendering.one("ConfigMap", name)), "rw-r--r--");
        }
        Stream<JsonNode> secrets =
            Stream.concat(
                Stream.of(volume.at("/secret/secretName")),
                volume.at("/projected/sources").findValues("secret").stream()
                    .map(secret -> secret.at("/name")));
        for (JsonNode name : secrets.filter(JsonNode::isString).toList()) {
          write(target, Rendering.data(rendering.one("Secret", name.asString())), "r--------");
        }
      }
    }
  }

  /**
   * Writes files as a kubelet does: links to ..data, which is a link that is replaced atomically.
   */
  private static void write(Path target, Map<String, String> files, String mode)
      throws IOException {
    Path version = Files.createDirectories(target.resolve("..%s".formatted(UUID.randomUUID())));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = Files.writeString(version.resolve(file.getKey()), file.getValue());
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      Path link = target.resolve(file.getKey());
      if (!Files.isSymbolicLink(link)) {
        Files.createSymbolicLink(link, Path.of("..data", file.getKey()));
      }
    }
    Path next = Files.createSymbolicLink(target.resolve("..next"), version.getFileName());
    Files.move(next, target.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Runs a command in the network of the pods and returns its output. */
  String run(List<String> command) throws IOException, InterruptedException {
    ProcessHandle inside = process.children().findFirst().orElseThrow();
    List<String> entered =
        List.of(
            "timeout", "20", "nsenter", "--target=" + inside.pid(), "--net", "--mount", "--pid");
    return Machine.run(Stream.concat(entered.stream(), command.stream()).toList());
  }

  String log(String app) throws IOException {
    Path log = directory.resolve("pods").resolve(app + ".log");
    return Files.readString(directory.resolve("node.log"))
        + (Files.exists(log) ? Files.readString(log) : "");
  }

  @Override
  public void close() {
    process.destroyForcibly();
    assertThat(process.onExit())
        .as("the node and its pods exit")
        .succeedsWithin(AppProcess.PATIENCE);
  }
}
