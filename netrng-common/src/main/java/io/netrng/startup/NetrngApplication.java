// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Properties;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that answers --help, --version and --check-config, and uses no profiles. */
public final class NetrngApplication extends SpringApplication {

  private static final String HELP = "help.txt";
  private static final String BUILD = "META-INF/build-info.properties";
  private static final int USAGE_ERROR = 2;

  /** Makes the application of a class whose jar has a help text and a build number. */
  public NetrngApplication(Class<?> main) {
    super(main);
  }

  /**
   * Starts the application. If the arguments only ask for help, the version or a check, or are not
   * properties, it prints an answer and ends the JVM.
   */
  public static void start(Class<?> main, String... args) {
    OptionalInt exitCode = answer(List.of(args), System.out, System.err);
    if (exitCode.isPresent()) {
      System.exit(exitCode.getAsInt());
    }
    NetrngApplication application = new NetrngApplication(main);
    if (List.of(args).contains(ConfigCheck.OPTION)) {
      System.exit(ConfigCheck.run(application, System.out, System.err, args));
    }
    application.run(args);
  }

  /**
   * Answers arguments that need no application.
   *
   * @return the status to exit with; empty if the application has to start
   */
  static OptionalInt answer(List<String> args, PrintStream out, PrintStream err) {
    for (String arg : args) {
      switch (arg) {
        case "--help", "-h" -> {
          out.print(text(HELP).replace("@version@", version()));
          return OptionalInt.of(0);
        }
        case "--version", "-V" -> {
          out.println(version());
          return OptionalInt.of(0);
        }
        default -> {
          if (!arg.startsWith("--")) {
            err.printf(
                "The argument '%s' is not a property: write it as --NAME=VALUE; --help shows examples.%n",
                arg);
            return OptionalInt.of(USAGE_ERROR);
          }
        }
      }
    }
    return OptionalInt.empty();
  }

  private static String version() {
    Properties build = new Properties();
    try (InputStream in = resource(BUILD)) {
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "%s %s"
        .formatted(build.getProperty("build.artifact"), build.getProperty("build.version"))
        .replace("-app ", " ");
  }

  private static String text(String name) {
    try (InputStream in = resource(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(
        NetrngApplication.class.getClassLoader().getResourceAsStream(name), name);
  }

  /** Logs nothing: Spring would log at each start and build that no profile is active. */
  @Override
  protected void logStartupProfileInfo(ConfigurableApplicationContext context) {}
}
