package io.netrng.server.session;

import io.netrng.server.security.ClientAuthenticator;
import io.netrng.server.security.SecurityProperties;
import io.netrng.service.Hangup;
import io.netrng.service.ServiceManager;
import io.netrng.startup.FreshConfiguration;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.NestedExceptionUtils;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Reads policies and denials anew every few seconds, and on SIGHUP those and the certificates. What
 * has not changed has no effect, so that it does not matter which files there are. A change counts
 * when two readings in a row agree on it, because a file may be read while it is written. Sessions
 * keep what they were granted, but for those whose clients are denied now.
 */
final class Reconfiguration implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Reconfiguration.class);

  private static final Duration EVERY = Duration.ofSeconds(4);

  /** An editor that writes a file in place is done by then. */
  private static final Duration CONFIRM_AFTER = Duration.ofSeconds(1);

  private static final String PREFIX = "netrng.server";

  private final FreshConfiguration configuration;
  private final SslBundleRegistry bundles;
  private final ServiceManager manager;
  private final ClientAuthenticator authenticator;
  private final SessionRegistry sessions;
  private final Scheduler thread = Schedulers.newSingle("netrng-configuration", true);
  private SessionProperties policies;
  private SecurityProperties security;
  private String lastFailure = "";

  /** What the last reading had and the one before had not. */
  private @Nullable Properties unconfirmed;

  private volatile @Nullable Disposable reading;

  private record Properties(SessionProperties policies, SecurityProperties security) {}

  Reconfiguration(
      FreshConfiguration configuration,
      SslBundleRegistry bundles,
      ServiceManager manager,
      ClientAuthenticator authenticator,
      SessionRegistry sessions,
      SessionProperties policies,
      SecurityProperties security) {
    this.configuration = configuration;
    this.bundles = bundles;
    this.manager = manager;
    this.authenticator = authenticator;
    this.sessions = sessions;
    this.policies = policies;
    this.security = security;
  }

  @Override
  public void start() {
    Runnable restore =
        Hangup.onSignal(() -> thread.schedule(() -> manager.reloading(this::readAll)));
    reading =
        Disposables.composite(
            Flux.interval(EVERY, thread)
                .onBackpressureDrop()
                .filter(_ -> poll())
                .concatMap(_ -> Mono.delay(CONFIRM_AFTER, thread))
                .subscribe(_ -> poll()),
            restore::run);
  }

  /** Everything, on SIGHUP. */
  private void readAll() {
    log.atInfo().log("SIGHUP: reloading policies, denials and certificates");
    read();
    String bundle = security.tls().bundle();
    if (bundle != null) {
      configuration.renew(bundles, bundle);
    }
  }

  /** Policies and denials, which hold at once. */
  void read() {
    attempt(true);
  }

  /**
   * Policies and denials, which hold if the reading before had the same.
   *
   * @return whether a change waits for that
   */
  boolean poll() {
    attempt(false);
    return unconfirmed != null;
  }

  private void readProperties(boolean isConfirmed) {
    Binder binder = configuration.read();
    Properties next =
        new Properties(
            binder.bindOrCreate(PREFIX, SessionProperties.class),
            binder.bindOrCreate(PREFIX, SecurityProperties.class));
    boolean holds =
        isConfirmed || next.equals(unconfirmed) || next.equals(new Properties(policies, security));
    unconfirmed = holds ? null : next;
    if (holds) {
      adopt(next);
    }
  }

  private void adopt(Properties next) {
    if (!next.policies().equals(policies)) {
      policies = next.policies();
      sessions.admission().follow(policies);
      log.atInfo()
          .addKeyValue("clients", policies.clients().size())
          .log("new policies apply to new sessions");
    }
    if (!next.security().denied().equals(security.denied())) {
      authenticator.deny(next.security().denied());
      sessions.review();
      log.atInfo().addKeyValue("denied", next.security().denied().size()).log("new denials apply");
    }
    security = next.security();
  }

  /** Whatever is wrong with the files, what held before goes on to hold; said once. */
  private void attempt(boolean isConfirmed) {
    try {
      readProperties(isConfirmed);
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

  @Override
  public void stop() {
    Disposable last = reading;
    reading = null;
    if (last != null) {
      last.dispose();
      thread.dispose();
    }
  }

  @Override
  public boolean isRunning() {
    return reading != null;
  }
}
