// SPDX-License-Identifier: Apache-2.0
package io.netrng.launch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The main class of both jars. It is compiled for Java 17, the oldest release that reads Spring
 * Boot's jars, so that an old Java prints one sentence instead of a stack trace.
 */
public final class Launcher {

  private static final int NEEDED = 25;

  /** Names the class of the application that the jar starts. */
  private static final String MAIN_CLASS = "META-INF/netrng-main-class";

  private Launcher() {}

  /** Starts the application with these arguments, or exits with status 1 if Java is too old. */
  public static void main(String[] args) throws IOException, ReflectiveOperationException {
    int version = Runtime.version().feature();
    if (version < NEEDED) {
      System.err.println(
          "NetRNG needs Java %d or newer, and %s is Java %d: start it with the java of a newer release."
              .formatted(NEEDED, System.getProperty("java.home"), version));
      System.exit(1);
    }
    Class.forName(mainClass()).getMethod("main", String[].class).invoke(null, (Object) args);
  }

  private static String mainClass() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            Launcher.class.getClassLoader().getResourceAsStream(MAIN_CLASS), MAIN_CLASS)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }
}
