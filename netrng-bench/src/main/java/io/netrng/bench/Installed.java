// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The apps as packages and images start them: with their runtime, options and AOT cache. The names
 * are {@code netrng-server} and {@code netrng-client}.
 */
public final class Installed {

  /** Maven sets the module's directory for tests; the benchmark runs in the project's directory. */
  static final Path MODULE = Path.of(System.getProperty("basedir", "netrng-bench"));

  private Installed() {}

  /**
   * Copies the app's files and makes its AOT cache, as an installation does. The copy leaves the
   * original without a cache, because packages and images are made from the original.
   *
   * @throws IOException if the app does not start
   */
  public static void train(String name) throws IOException, InterruptedException {
    Path installed = directory(name);
    Path original = MODULE.resolveSibling("netrng-packaging").resolve("target").resolve(name);
    Files.createDirectories(installed.getParent());
    Command.run(List.of("rm", "-rf", installed.toString()));
    Command.run(List.of("cp", "--archive", original.toString(), installed.toString()));
    Command.run(List.of(installed.resolve("train").toString()));
  }

  /** Returns the command that starts the app; the app's own arguments can be appended. */
  public static List<String> command(String name) {
    Path installed = directory(name);
    return List.of(
        installed.resolve("runtime/bin/java").toString(),
        "@" + installed.resolve("java.options"),
        "-XX:AOTCache=" + installed.resolve(name + ".aot"),
        "-Djava.library.path=" + installed.resolve("native"),
        "-jar",
        installed.resolve(name + "-app.jar").toString());
  }

  /** Returns the command netrng of a trained app. */
  public static Path netrng(String name) {
    return directory(name).resolve("netrng");
  }

  private static Path directory(String name) {
    return MODULE.resolve("target").resolve("installed").resolve(name).toAbsolutePath();
  }
}
