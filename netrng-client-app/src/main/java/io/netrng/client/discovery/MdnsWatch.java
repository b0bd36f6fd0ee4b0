// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import io.netrng.mdns.Mdns;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Follows the servers that are announced in the local network. The announcements are not
 * authenticated.
 *
 * <pre>
 *              start
 *   Stopped ---------> Browsing
 *      ^                |  ^
 *      |  cannot start, |  |  the pause has passed
 *      |  or another    |  |
 *      |  interface     |  |
 *      |                v  |
 *      |               Resting
 *      +--- stop, from each
 * </pre>
 */
final class MdnsWatch implements Watch {

  private static final Logger log = LoggerFactory.getLogger(MdnsWatch.class);

  private static final String SOURCE = "mdns:";

  /** How long servers may take to answer before other entries of the list are used. */
  private static final Duration FIRST_RESULT = Duration.ofSeconds(3);

  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final String certificateName;
  private final MdnsBrowser browser;
  private final ScheduledExecutorService loop;
  private final SrvOrder order;
  private final Map<String, List<SrvRecord>> services = new LinkedHashMap<>();

  private State state = new State.Stopped();
  private Runnable listener = () -> {};
  private List<Server> servers = List.of();
  private String reason = "no server has answered yet";
  private boolean hasResult;
  private boolean failed;

  private sealed interface State {
    record Stopped() implements State {}

    /** The timer ends the wait for the first result, and then checks the interface. */
    record Browsing(Future<?> timer) implements State {}

    record Resting(Future<?> timer) implements State {}
  }

  /**
   * Makes a watch that is not started.
   *
   * @param certificateName for all servers
   * @param loop runs all methods
   */
  MdnsWatch(
      String certificateName,
      MdnsBrowser browser,
      ScheduledExecutorService loop,
      RandomGenerator random) {
    this.certificateName = certificateName;
    this.browser = browser;
    this.loop = loop;
    order = new SrvOrder(random);
  }

  @Override
  public void start(Runnable onResult) {
    listener = onResult;
    browse();
  }

  private void browse() {
    services.clear();
    state = new State.Browsing(schedule(this::endFirstWait, FIRST_RESULT));
    browser.start(
        new MdnsBrowser.Listener() {
          @Override
          public void onService(String name, List<SrvRecord> addresses) {
            loop.execute(() -> add(name, addresses));
          }

          @Override
          public void onRemoval(String name) {
            loop.execute(() -> remove(name));
          }

          @Override
          public void onFailure(String why) {
            loop.execute(() -> recordFailure(why));
          }
        });
  }

  private Future<?> schedule(Runnable task, Duration time) {
    return loop.schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void endFirstWait() {
    state = new State.Browsing(schedule(this::checkInterface, Mdns.INTERFACE_CHECK));
    if (hasResult) {
      // After a failure, these are the servers of before it.
      update();
    } else {
      log.atWarn()
          .addKeyValue("source", SOURCE)
          .addKeyValue("reason", reason)
          .log("no servers found");
      hasResult = true;
      listener.run();
    }
  }

  private void checkInterface() {
    state = new State.Browsing(schedule(this::checkInterface, Mdns.INTERFACE_CHECK));
    browser.checkInterface();
  }

  private void add(String name, List<SrvRecord> addresses) {
    // Any machine in the network can announce services.
    if (services.containsKey(name) || services.size() < SrvWatch.MOST_SERVERS) {
      services.put(name, addresses);
      update();
    }
  }

  private void remove(String name) {
    if (services.remove(name) != null) {
      update();
    }
  }

  private void update() {
    if (!(state instanceof State.Browsing)) {
      return;
    }
    List<Server> found =
        order.order(services.values().stream().flatMap(List::stream).toList()).stream()
            .limit(SrvWatch.MOST_SERVERS)
            .map(address -> new Server(address, certificateName, SOURCE))
            .toList();
    if (!found.equals(servers)) {
      servers = found;
      failed = false;
      reason = "no server is announced any more";
      if (found.isEmpty()) {
        log.atWarn()
            .addKeyValue("source", SOURCE)
            .addKeyValue("reason", reason)
            .log("no servers found");
      } else {
        log.atInfo()
            .addKeyValue("source", SOURCE)
            .addKeyValue("servers", found.stream().map(Server::address).toList())
            .addKeyValue("certificate-name", certificateName)
            .log("servers found");
      }
      hasResult = true;
      listener.run();
    }
  }

  private void recordFailure(String why) {
    if (state instanceof State.Browsing(Future<?> timer)) {
      timer.cancel(false);
      state = new State.Resting(schedule(this::browse, PAUSE));
      log.atLevel(failed ? Level.DEBUG : Level.WARN)
          .addKeyValue("source", SOURCE)
          .addKeyValue("reason", why)
          .addKeyValue("retry-after-ms", PAUSE.toMillis())
          .log("search for servers failed");
      failed = true;
      reason = why;
      hasResult = true;
      listener.run();
    }
  }

  /** Does nothing, because servers announce themselves. */
  @Override
  public void refresh() {}

  @Override
  public void stop() {
    switch (state) {
      case State.Browsing(Future<?> timer) -> {
        timer.cancel(false);
        browser.stop();
      }
      case State.Resting(Future<?> timer) -> timer.cancel(false);
      case State.Stopped() -> {}
    }
    state = new State.Stopped();
  }

  @Override
  public boolean hasResult() {
    return hasResult;
  }

  @Override
  public List<Server> servers() {
    return servers;
  }

  @Override
  public String reason() {
    return SOURCE + " " + reason;
  }
}
