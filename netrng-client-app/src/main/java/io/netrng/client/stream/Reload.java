package io.netrng.client.stream;

import io.netrng.service.Hangup;
import io.netrng.service.ServiceManager;
import io.netrng.startup.FreshConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.context.SmartLifecycle;

/** Reads the certificates on SIGHUP and ends the stream's wait; SIGHUP would end the client. */
final class Reload implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final FreshConfiguration configuration;
  private final SslBundleRegistry bundles;
  private final ServiceManager manager;
  private final @Nullable String bundle;
  private final StreamClient stream;
  private volatile @Nullable Runnable restore;

  /**
   * Makes one that does not listen for signals yet.
   *
   * @param bundle where the certificates are; null is without TLS, where there is nothing to read
   * @param stream tries again at once if it waits
   */
  Reload(
      FreshConfiguration configuration,
      SslBundleRegistry bundles,
      ServiceManager manager,
      @Nullable String bundle,
      StreamClient stream) {
    this.configuration = configuration;
    this.bundles = bundles;
    this.manager = manager;
    this.bundle = bundle;
    this.stream = stream;
  }

  @Override
  public void start() {
    restore = Hangup.onSignal(() -> manager.reloading(this::read));
  }

  private void read() {
    log.atInfo().log("SIGHUP: reloading certificates");
    if (bundle != null) {
      configuration.renew(bundles, bundle);
    }
    stream.retryNow();
  }

  @Override
  public void stop() {
    Runnable last = restore;
    restore = null;
    if (last != null) {
      last.run();
    }
  }

  @Override
  public boolean isRunning() {
    return restore != null;
  }
}
