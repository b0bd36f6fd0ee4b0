// SPDX-License-Identifier: Apache-2.0
package io.netrng.reload;

import io.netrng.startup.StartupException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.util.function.ThrowingFunction;

/**
 * A value made from an SSL bundle. It is replaced when the bundle's files change. Invalid new files
 * are logged, and the value stays.
 *
 * @param <T> the type of the value, such as an SslContext
 */
public final class ReloadableBundle<T> implements Supplier<T> {

  private static final Logger log = LoggerFactory.getLogger(ReloadableBundle.class);

  private final String name;
  private final ThrowingFunction<SslBundle, T> factory;
  private volatile T value;

  /**
   * Makes the first value.
   *
   * @param property the property that names the bundle
   * @param factory makes the value, or throws an exception with the fault of the bundle
   * @throws StartupException if the bundle does not exist or is not usable
   */
  public ReloadableBundle(
      SslBundles bundles, String property, String name, ThrowingFunction<SslBundle, T> factory) {
    this.name = name;
    this.factory = factory;
    value = first(bundles, property);
    bundles.addBundleUpdateHandler(name, this::renew);
  }

  /** Returns the current value. Any thread may call this method. */
  @Override
  public T get() {
    return value;
  }

  private T first(SslBundles bundles, String property) {
    try {
      return factory.applyWithException(bundles.getBundle(name));
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
      value = factory.applyWithException(bundle);
      log.atInfo().addKeyValue("bundle", name).log("new certificates apply to new connections");
    } catch (Exception e) {
      logUnusable(name, e);
    }
  }

  static void logUnusable(String bundle, Exception e) {
    log.atWarn()
        .addKeyValue("bundle", bundle)
        .addKeyValue("reason", reason(e))
        .log("new certificates are invalid; previous certificates stay in use");
  }

  private static String reason(Exception e) {
    Throwable root = NestedExceptionUtils.getMostSpecificCause(e);
    String message = root.getMessage() == null ? root.toString() : root.getMessage();
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }
}
