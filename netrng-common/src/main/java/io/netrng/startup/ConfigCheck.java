// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * The option {@code --check-config}: it makes all beans of the application, as a start does, but
 * starts none. Nothing listens, no device is opened and no file is written.
 */
public final class ConfigCheck {

  static final String OPTION = "--check-config";

  /** Where the mistake is printed; bound during a check, on the thread that makes the beans. */
  private static final ScopedValue<PrintStream> ERRORS = ScopedValue.newInstance();

  /** The package that logs why a start fails; the reporter below prints it instead. */
  private static final String DIAGNOSTICS = "org.springframework.boot.diagnostics";

  /** Prints only warnings, each in one line, and writes no log file. */
  private static final List<String> QUIET =
      List.of(
          "--logging.threshold.console=warn",
          "--logging.pattern.console=%p: %m %kvp%n%wEx",
          "--logging.structured.format.console=",
          "--logging.file.name=",
          "--logging.file.path=",
          "--logging.level." + DIAGNOSTICS + "=off");

  private ConfigCheck() {}

  /** Whether this thread makes the beans for a check. They must then not change anything. */
  public static boolean isRunning() {
    return ERRORS.isBound();
  }

  /**
   * Checks the configuration of an application.
   *
   * @param args the arguments of the application, with {@link #OPTION}
   * @return the status to exit with: 0 if the configuration is valid, else 1
   */
  static int run(NetrngApplication application, PrintStream out, PrintStream err, String... args) {
    String[] properties =
        Stream.concat(Arrays.stream(args).filter(arg -> !arg.equals(OPTION)), QUIET.stream())
            .toArray(String[]::new);
    // Until Spring reads the levels above: a configuration file can be missing.
    LoggingSystem.get(ConfigCheck.class.getClassLoader()).setLogLevel(DIAGNOSTICS, LogLevel.OFF);
    application.setRegisterShutdownHook(false);
    application.addInitializers(context ->
        context
            .getBeanFactory()
            .registerSingleton(
                AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME,
                new Checks(context.getBeanFactory())));
    try {
      ConfigurableApplicationContext context =
          ScopedValue.where(ERRORS, err).call(() -> application.run(properties));
      String location =
          context
              .getEnvironment()
              .getProperty("spring.config.additional-location", "The configuration");
      out.println(location.replaceFirst("^(optional:)?file:", "") + " is valid.");
      context.close();
      return 0;
    } catch (RuntimeException e) {
      // The reporter, or Spring for an exception that no analyzer knows, has printed it.
      return 1;
    }
  }

  /** Replaces Spring's processor: calls the checks instead of starting the beans. */
  private record Checks(ListableBeanFactory beans) implements LifecycleProcessor {

    @Override
    public void onRefresh() {
      beans.getBeansOfType(CheckedLifecycle.class).values().stream()
          .sorted(Comparator.comparingInt(CheckedLifecycle::getPhase))
          .forEach(CheckedLifecycle::checkStart);
    }

    @Override
    public void onClose() {}

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public boolean isRunning() {
      return true;
    }
  }

  /** Prints the mistake as a start logs it, without the frame around it. */
  static final class Reporter implements FailureAnalysisReporter {

    @Override
    public void report(FailureAnalysis analysis) {
      if (ERRORS.isBound()) {
        ERRORS.get().println(analysis.getDescription());
        if (analysis.getAction() != null) {
          ERRORS.get().println(analysis.getAction());
        }
      }
    }
  }
}
