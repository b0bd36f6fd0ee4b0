package io.netrng.server.session;

import io.netrng.server.security.Gate;
import io.netrng.server.security.SecurityProperties;
import io.netrng.service.Hangup;
import io.netrng.service.ServiceManager;
import io.netrng.startup.FreshConfiguration;
import java.time.Duration;
import java.util.Objects;
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
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Reads policies and denials anew every few seconds, and on SIGHUP those and the certificates. What
 * has not changed has no effect, so that it does not matter which files there are or how they are
 * replaced. Sessions keep what they were granted, but for those whose clients are denied now.
 */
final class Reconfiguration implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Reconfiguration.class);

  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final String PREFIX = "netrng.server";

  private final FreshConfiguration configuration;
  private final SslBundleRegistry bundles;
  private final ServiceManager manager;
  private final Gate gate;
  private final Sessions sessions;
  private final Scheduler thread = Schedulers.newSingle("netrng-configuration", true);
  private SessionProperties policies;
  private SecurityProperties security;
  private String lastFailure = "";
  private volatile @Nullable Disposable reading;

  Reconfiguration(
      FreshConfiguration configuration,
      SslBundleRegistry bundles,
      ServiceManager manager,
      Gate gate,
      Sessions sessions,
      SessionProperties policies,
      SecurityProperties security) {
    this.configuration = configuration;
    this.bundles = bundles;
    this.manager = manager;
    this.gate = gate;
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
            Flux.interval(EVERY, thread).onBackpressureDrop().subscribe(_ -> read()), restore::run);
  }

  /** Everything, on SIGHUP. */
  private void readAll() {
    log.atInfo().log("SIGHUP: policies, denials and certificates are read anew");
    read();
    String bundle = security.tls().bundle();
    if (bundle != null) {
      configuration.renew(bundles, bundle);
    }
  }

  /** Policies and denials. */
  void read() {
    if (attempt(this::readPolicies)) {
      lastFailure = "";
    }
  }

  private void readPolicies() {
    Binder binder = configuration.read();
    SessionProperties nextPolicies = binder.bindOrCreate(PREFIX, SessionProperties.class);
    SecurityProperties nextSecurity = binder.bindOrCreate(PREFIX, SecurityProperties.class);
    if (!nextPolicies.equals(policies)) {
      policies = nextPolicies;
      sessions.admission().follow(nextPolicies);
      log.atInfo()
          .addKeyValue("clients", nextPolicies.clients().size())
          .log("new policies hold for those who come from now on");
    }
    if (!nextSecurity.denied().equals(security.denied())) {
      gate.deny(nextSecurity.denied());
      sessions.review();
      log.atInfo().addKeyValue("denied", nextSecurity.denied().size()).log("new denials hold");
    }
    security = nextSecurity;
  }

  /** Whatever is wrong with the files, what held before goes on to hold; said once. */
  private boolean attempt(Runnable step) {
    try {
      step.run();
      return true;
    } catch (RuntimeException e) {
      String failure = String.valueOf(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
      if (!Objects.equals(failure, lastFailure)) {
        lastFailure = failure;
        log.atWarn()
            .addKeyValue("reason", failure)
            .log("the configuration has changed and cannot be used; what held before holds");
      }
      return false;
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
