// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs programs to their end, and returns their output. */
final class Command {

  private Command() {}

  /**
   * Runs a program.
   *
   * @return its output
   * @throws IOException if its exit status is not 0
   */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + " failed: " + output);
    }
    return output;
  }

  /** Runs a class of this benchmark to its end in a separate process, and returns its output. */
  static double figure(Class<?> main, Object... arguments)
      throws IOException, InterruptedException {
    return Double.parseDouble(run(java(main, arguments)).trim());
  }

  /** Returns the command line of a class of this benchmark for a separate process. */
  static List<String> java(Class<?> main, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  /** Returns the command line of an app from the build's output. */
  static List<String> jar(String name) {
    return List.of(java(), "-jar", name + "-app/target/" + name + "-app.jar");
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
