// SPDX-License-Identifier: Apache-2.0
package io.netrng.reload;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The configuration files. Properties from other sources keep their values of the start. */
final class ConfigFiles {

  /** The prefix of Spring's names for property sources that are files. */
  private static final String PREFIX = "Config resource ";

  /** Matches the suffix of a document, because each document of a file is a separate source. */
  private static final Pattern DOCUMENT = Pattern.compile(" \\(document #\\d+\\)$");

  private final ConfigurableEnvironment environment;

  /** The files that had properties at the last reading. */
  private Set<String> files;

  /**
   * Makes an instance that has read nothing.
   *
   * @param environment the properties of the start
   */
  ConfigFiles(ConfigurableEnvironment environment) {
    this.environment = environment;
    files = files(environment);
  }

  /**
   * Reads the files. Only one thread may call this method at a time.
   *
   * @throws IllegalStateException if a file that had properties has none, for example during a
   *     write
   */
  Binder read() {
    ConfigurableEnvironment fresh = new StandardEnvironment();
    MutablePropertySources sources = fresh.getPropertySources();
    sources.stream().map(PropertySource::getName).toList().forEach(sources::remove);
    environment.getPropertySources().stream()
        .filter(source -> !source.getName().startsWith(PREFIX))
        .filter(
            source -> !ConfigurationPropertySources.isAttachedConfigurationPropertySource(source))
        .forEach(sources::addLast);
    ConfigDataEnvironmentPostProcessor.applyTo(fresh);
    Set<String> now = files(fresh);
    files.stream()
        .filter(file -> !now.contains(file))
        .findFirst()
        .ifPresent(file -> {
          throw new IllegalStateException(
              file + " is missing or has no properties any more; if so meant, restart");
        });
    files = now;
    return Binder.get(fresh);
  }

  private static Set<String> files(ConfigurableEnvironment environment) {
    return environment.getPropertySources().stream()
        .map(PropertySource::getName)
        .filter(name -> name.startsWith(PREFIX))
        .map(name -> DOCUMENT.matcher(name.substring(PREFIX.length())).replaceFirst(""))
        .collect(Collectors.toUnmodifiableSet());
  }
}
