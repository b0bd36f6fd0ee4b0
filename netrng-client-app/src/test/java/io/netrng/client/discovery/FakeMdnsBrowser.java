// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A local network whose services the test determines. */
public final class FakeMdnsBrowser implements MdnsBrowser {

  private @Nullable Listener listener;
  private int starts;
  private int checks;

  @Override
  public void start(Listener next) {
    listener = next;
    starts++;
  }

  @Override
  public void stop() {
    listener = null;
  }

  @Override
  public void checkInterface() {
    checks++;
  }

  /** Returns how often the interface was checked. */
  public int checks() {
    return checks;
  }

  /** Returns how often the browser was started. */
  public int starts() {
    return starts;
  }

  public boolean isRunning() {
    return listener != null;
  }

  /** Announces a service. */
  public void announce(String name, SrvRecord... records) {
    Objects.requireNonNull(listener).onService(name, List.of(records));
  }

  /** Withdraws a service. */
  public void withdraw(String name) {
    Objects.requireNonNull(listener).onRemoval(name);
  }

  /** Fails to start or to continue. */
  public void fail(String reason) {
    Objects.requireNonNull(listener).onFailure(reason);
  }
}
