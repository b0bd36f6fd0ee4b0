// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Follows DNS, and multicast DNS as long as DNS has no servers. */
final class AutoWatch implements Watch {

  private final Watch dns;
  private final @Nullable Watch mdns;
  private Runnable listener = () -> {};
  private boolean fellBack;

  /**
   * Makes a watch that is not started.
   *
   * @param mdns null if it is not allowed
   */
  AutoWatch(Watch dns, @Nullable Watch mdns) {
    this.dns = dns;
    this.mdns = mdns;
  }

  @Override
  public void start(Runnable onResult) {
    listener = onResult;
    dns.start(this::onDns);
  }

  /** Once started, multicast DNS continues, because DNS may lose its servers again. */
  private void onDns() {
    if (mdns != null && !fellBack && dns.servers().isEmpty()) {
      fellBack = true;
      mdns.start(listener);
    }
    listener.run();
  }

  @Override
  public void refresh() {
    dns.refresh();
  }

  @Override
  public void stop() {
    dns.stop();
    if (mdns != null) {
      mdns.stop();
    }
  }

  @Override
  public boolean hasResult() {
    return dns.hasResult() && (mdns == null || !dns.servers().isEmpty() || mdns.hasResult());
  }

  @Override
  public List<Server> servers() {
    return mdns == null || !dns.servers().isEmpty() ? dns.servers() : mdns.servers();
  }

  @Override
  public String reason() {
    return mdns == null ? dns.reason() : dns.reason() + ", " + mdns.reason();
  }
}
