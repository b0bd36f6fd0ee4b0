// SPDX-License-Identifier: Apache-2.0
package io.netrng.reload;

import io.netrng.reload.ReloadableProperties.Reading;
import io.netrng.service.ServiceManager;
import io.netrng.signal.SignalHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.ssl.PemSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.TaskScheduler;

/**
 * Reloads an app's properties and certificates on SIGHUP, and its properties when their files
 * change. A change of files takes effect when two consecutive readings are equal, because the first
 * may occur during a write. Invalid files are logged once, and the current values stay.
 */
public final class ConfigReloader implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(ConfigReloader.class);

  private static final Duration POLL_INTERVAL = Duration.ofSeconds(4);

  /** Longer than an editor needs to write a file in place. */
  private static final Duration CONFIRM_AFTER = Duration.ofSeconds(1);

  private final ConfigFiles files;
  private final SslBundleRegistry bundles;
  private final TaskScheduler scheduler;
  private final ServiceManager manager;
  private final @Nullable String bundle;
  private final Runnable afterSighup;
  private final List<ReloadableProperties<?>> properties;

  /** A change that only one reading has found. */
  private @Nullable List<Reading<?>> unconfirmed;

  private String lastFailure = "";

  /** Stops the reloader; null while it does not run. */
  private volatile @Nullable Runnable running;

  /**
   * Makes a reloader that has read nothing.
   *
   * @param environment the properties of the start, and the paths of their files
   * @param scheduler runs all tasks except {@link #reload()}
   * @param manager is notified of each reload on SIGHUP
   * @param bundle the SSL bundle with the certificates; null without TLS
   * @param afterSighup runs at the end of each reload on SIGHUP
   * @param properties take effect in this order; if the list is empty, no files are watched
   */
  public ConfigReloader(
      ConfigurableEnvironment environment,
      SslBundleRegistry bundles,
      TaskScheduler scheduler,
      ServiceManager manager,
      @Nullable String bundle,
      Runnable afterSighup,
      ReloadableProperties<?>... properties) {
    files = new ConfigFiles(environment);
    this.bundles = bundles;
    this.scheduler = scheduler;
    this.manager = manager;
    this.bundle = bundle;
    this.afterSighup = afterSighup;
    this.properties = List.of(properties);
  }

  @Override
  public void start() {
    Runnable restore = SignalHandler.install("HUP", this::scheduleReload);
    if (properties.isEmpty()) {
      running = restore;
      return;
    }
    ScheduledFuture<?> polls = scheduler.scheduleWithFixedDelay(this::poll, POLL_INTERVAL);
    running =
        () -> {
          restore.run();
          polls.cancel(false);
        };
  }

  /** Reloads on the scheduler's thread. Signals may arrive after the scheduler has stopped. */
  void scheduleReload() {
    runAfter(Duration.ZERO, this::onSighup);
  }

  private void onSighup() {
    log.atInfo().log("SIGHUP received, reloading");
    manager.reloading(this::reload);
  }

  /** Reloads properties and certificates at once, like SIGHUP. */
  public synchronized void reload() {
    readProperties(true);
    if (bundle != null) {
      renewCertificates(bundle);
    }
    afterSighup.run();
  }

  private void runAfter(Duration delay, Runnable task) {
    try {
      var _ = scheduler.schedule(task, scheduler.getClock().instant().plus(delay));
    } catch (TaskRejectedException e) {
      log.atDebug().log("no reload, because the application stops");
    }
  }

  private void poll() {
    if (readOnce()) {
      runAfter(CONFIRM_AFTER, this::readOnce);
    }
  }

  /**
   * Reads the files once.
   *
   * @return whether a change needs a second reading
   */
  synchronized boolean readOnce() {
    readProperties(false);
    return unconfirmed != null;
  }

  private void readProperties(boolean isConfirmed) {
    if (properties.isEmpty()) {
      return;
    }
    try {
      Binder binder = files.read();
      List<Reading<?>> next = properties.stream().<Reading<?>>map(p -> p.read(binder)).toList();
      boolean takesEffect =
          isConfirmed || next.equals(unconfirmed) || next.stream().allMatch(Reading::isCurrent);
      unconfirmed = takesEffect ? null : next;
      if (takesEffect) {
        next.forEach(Reading::apply);
      }
      lastFailure = "";
    } catch (RuntimeException e) {
      unconfirmed = null;
      String failure = String.valueOf(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
      if (!failure.equals(lastFailure)) {
        lastFailure = failure;
        log.atWarn()
            .addKeyValue("reason", failure)
            .log("changed configuration is invalid and ignored");
      }
    }
  }

  private void renewCertificates(String name) {
    try {
      PemSslBundleProperties pem =
          files.read().bindOrCreate("spring.ssl.bundle.pem." + name, PemSslBundleProperties.class);
      bundles.updateBundle(name, PropertiesSslBundle.get(pem));
    } catch (RuntimeException e) {
      ReloadableBundle.logUnusable(name, e);
    }
  }

  @Override
  public void stop() {
    Runnable last = running;
    running = null;
    if (last != null) {
      last.run();
    }
  }

  @Override
  public boolean isRunning() {
    return running != null;
  }
}
