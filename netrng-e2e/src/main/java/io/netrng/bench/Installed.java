package io.netrng.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The apps as packages and images start them: with their runtime, options and AOT cache. */
final class Installed {

  private Installed() {}

  /** Makes the app's AOT cache anew, as an installation does. */
  static void train(String name) throws IOException, InterruptedException {
    Command.run(List.of(directory(name).resolve("train").toString()));
  }

  /** The command that starts the app. */
  static List<String> command(String name) {
    Path installed = directory(name);
    return List.of(
        installed.resolve("runtime/bin/java").toString(),
        "@" + installed.resolve("java.options"),
        "-XX:AOTCache=" + installed.resolve(name + ".aot"),
        "-Djava.library.path=" + installed.resolve("native"),
        "-jar",
        installed.resolve(name + "-app.jar").toString());
  }

  private static Path directory(String name) {
    return Path.of("netrng-packaging/target", name).toAbsolutePath();
  }
}
