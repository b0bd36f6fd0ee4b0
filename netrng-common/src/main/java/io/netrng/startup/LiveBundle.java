package io.netrng.startup;

import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.NestedExceptionUtils;

/**
 * What an app makes of one of Spring's SSL bundles, again after each change of the bundle's files.
 * New ones that cannot be used are a warning, and those that were there stay.
 *
 * @param <T> what is made of the bundle
 */
public final class LiveBundle<T> implements Supplier<T> {

  private static final Logger log = LoggerFactory.getLogger(LiveBundle.class);

  private final String name;
  private final Recipe<T> recipe;
  private volatile T made;

  /**
   * Makes something of a bundle.
   *
   * @param <T> what is made
   */
  @FunctionalInterface
  public interface Recipe<T> {

    /** Throws whatever keeps the bundle from being used. */
    T make(SslBundle bundle) throws Exception;
  }

  /**
   * Makes the first one.
   *
   * @param property the property that names the bundle
   * @throws StartupException if there is no such bundle, or it cannot be used
   */
  public LiveBundle(SslBundles bundles, String property, String name, Recipe<T> recipe) {
    this.name = name;
    this.recipe = recipe;
    made = first(bundles, property);
    bundles.addBundleUpdateHandler(name, this::renew);
  }

  @Override
  public T get() {
    return made;
  }

  private T first(SslBundles bundles, String property) {
    try {
      return recipe.make(bundles.getBundle(name));
    } catch (NoSuchSslBundleException e) {
      throw new StartupException(
          "%s = %s is not an SSL bundle.".formatted(property, name),
          "Describe it: spring.ssl.bundle.pem.%s.keystore.certificate, .keystore.private-key and"
                  .formatted(name)
              + " .truststore.certificate, or let 'make certs' write them.");
    } catch (Exception e) {
      throw new StartupException(
          "%s = %s cannot be used: %s.".formatted(property, name, reason(e)),
          "Correct the files that spring.ssl.bundle.pem.%s names.".formatted(name));
    }
  }

  private void renew(SslBundle bundle) {
    try {
      made = recipe.make(bundle);
      log.atInfo().addKeyValue("bundle", name).log("new certificates apply to new connections");
    } catch (Exception e) {
      log.atWarn()
          .addKeyValue("bundle", name)
          .addKeyValue("reason", reason(e))
          .log("new certificates are invalid; previous certificates stay in use");
    }
  }

  static String reason(Exception e) {
    Throwable root = NestedExceptionUtils.getMostSpecificCause(e);
    String words = root.getMessage() == null ? root.toString() : root.getMessage();
    return words.endsWith(".") ? words.substring(0, words.length() - 1) : words;
  }
}
