package io.netrng.startup;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.ssl.PemSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The configuration as the files say it now; what is in no file is as it was at the start. */
public final class FreshConfiguration {

  private static final Logger log = LoggerFactory.getLogger(FreshConfiguration.class);

  /** What Spring's names of sources that are files begin with; those are reloaded. */
  private static final String OF_A_FILE = "Config resource ";

  /** A file of several documents is one source each. */
  private static final Pattern DOCUMENT = Pattern.compile(" \\(document #\\d+\\)$");

  private final ConfigurableEnvironment environment;

  /** The files that had properties when they were read last. */
  private volatile Set<String> files;

  /**
   * Makes one that has read nothing yet.
   *
   * @param environment what the app started with
   */
  public FreshConfiguration(ConfigurableEnvironment environment) {
    this.environment = environment;
    files = files(environment);
  }

  /**
   * Reads the files.
   *
   * @throws IllegalStateException if one that had properties has none now, as while it is written
   */
  public Binder read() {
    ConfigurableEnvironment fresh = new StandardEnvironment();
    MutablePropertySources sources = fresh.getPropertySources();
    sources.stream().map(PropertySource::getName).toList().forEach(sources::remove);
    environment.getPropertySources().stream()
        .filter(source -> !source.getName().startsWith(OF_A_FILE))
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
        .filter(name -> name.startsWith(OF_A_FILE))
        .map(name -> DOCUMENT.matcher(name.substring(OF_A_FILE.length())).replaceFirst(""))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Reads the files of an SSL bundle; if they are invalid, it stays unchanged. */
  public void renew(SslBundleRegistry bundles, String name) {
    try {
      PemSslBundleProperties properties =
          read().bindOrCreate("spring.ssl.bundle.pem." + name, PemSslBundleProperties.class);
      bundles.updateBundle(name, PropertiesSslBundle.get(properties));
    } catch (RuntimeException e) {
      log.atWarn()
          .addKeyValue("bundle", name)
          .addKeyValue("reason", LiveBundle.reason(e))
          .log("new certificates are invalid; previous certificates stay in use");
    }
  }
}
