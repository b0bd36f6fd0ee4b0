// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Follows the SRV records of the first name that has some. It asks again when the answer expires. A
 * failure keeps the last answer.
 *
 * <pre>
 *              start
 *   Stopped ---------> Asking (one name after the other)
 *      ^                |  ^
 *      |  answered, or  |  |  the TTL or the pause has passed,
 *      |  failed        v  |  or refresh
 *      |               Resting
 *      +--- stop, from each
 * </pre>
 */
final class SrvWatch implements Watch {

  /** The maximum number of servers; others in a longer answer are ignored. */
  static final int MOST_SERVERS = 64;

  private static final Logger log = LoggerFactory.getLogger(SrvWatch.class);

  /** An answer is valid for its TTL within these limits. */
  private static final Duration SHORTEST_TTL = Duration.ofSeconds(5);

  private static final Duration LONGEST_TTL = Duration.ofHours(1);

  /** The pause after a failure, which doubles each time. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private static final int MOST_DOUBLINGS = 5;

  private final ServerEntry entry;
  private final Names names;
  private final String certificateName;
  private final String origin;
  private final Dns dns;
  private final ScheduledExecutorService loop;
  private final SrvOrder order;

  private State state = new State.Stopped();
  private Runnable listener = () -> {};
  private List<Server> servers = List.of();
  private String reason = "not asked yet";
  private boolean hasResult;
  private int failures;

  private sealed interface State {
    record Stopped() implements State {}

    record Asking() implements State {}

    record Resting(Future<?> timer) implements State {}
  }

  /** Supplies the names of services to ask for, in the order of preference. */
  @FunctionalInterface
  interface Names {

    /** Reads the names; there may be none. */
    List<String> get() throws IOException;
  }

  /**
   * Makes a watch that is not started.
   *
   * @param entry of the list, for logs
   * @param certificateName for all servers
   * @param origin of all servers
   * @param loop runs all methods
   */
  SrvWatch(
      ServerEntry entry,
      Names names,
      String certificateName,
      String origin,
      Dns dns,
      ScheduledExecutorService loop,
      RandomGenerator random) {
    this.entry = entry;
    this.names = names;
    this.certificateName = certificateName;
    this.origin = origin;
    this.dns = dns;
    this.loop = loop;
    order = new SrvOrder(random);
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
    return entry + ": " + reason;
  }

  @Override
  public void start(Runnable onResult) {
    listener = onResult;
    ask();
  }

  @Override
  public void refresh() {
    if (state instanceof State.Resting(Future<?> timer)) {
      timer.cancel(false);
      ask();
    }
  }

  @Override
  public void stop() {
    if (state instanceof State.Resting(Future<?> timer)) {
      timer.cancel(false);
    }
    state = new State.Stopped();
  }

  private void ask() {
    state = new State.Asking();
    try {
      askNext(
          new ArrayDeque<>(names.get()),
          new SrvAnswer.None("this machine has no search domain", Duration.ZERO));
    } catch (IOException e) {
      receive(entry.toString(), new SrvAnswer.Failed(e.toString()));
    }
  }

  /**
   * Asks for the next name.
   *
   * @param before the answer for the names so far
   */
  private void askNext(Queue<String> left, SrvAnswer before) {
    String name = left.poll();
    if (name == null) {
      receive(entry.toString(), before);
      return;
    }
    dns.lookUp(
        name,
        answer -> {
          switch (answer) {
            case SrvAnswer.Found found -> receive("srv:" + name, found);
            // After a failure, an earlier name may have records.
            case SrvAnswer.None none ->
                askNext(left, before instanceof SrvAnswer.Failed ? before : none);
            case SrvAnswer.Failed failed -> askNext(left, failed);
          }
        });
  }

  private void receive(String source, SrvAnswer answer) {
    if (!(state instanceof State.Asking)) {
      return;
    }
    switch (answer) {
      case SrvAnswer.Found(List<SrvRecord> records, Duration ttl) -> {
        failures = 0;
        rest(limit(ttl));
        setServers(source, order.order(records));
      }
      case SrvAnswer.None(String why, Duration ttl) -> {
        failures = 0;
        rest(limit(ttl));
        removeServers(source, why);
      }
      case SrvAnswer.Failed(String why) -> recordFailure(source, why);
    }
    hasResult = true;
    listener.run();
  }

  private void setServers(String source, List<ServerAddress> targets) {
    List<Server> found =
        targets.stream()
            .limit(MOST_SERVERS)
            .map(target -> new Server(target, certificateName, origin))
            .toList();
    if (!found.equals(servers)) {
      log.atInfo()
          .addKeyValue("source", source)
          .addKeyValue("servers", found.stream().map(Server::address).toList())
          .addKeyValue("certificate-name", certificateName)
          .log("servers found");
    }
    servers = found;
  }

  private void removeServers(String source, String why) {
    if (!hasResult || !servers.isEmpty() || !why.equals(reason)) {
      log.atWarn().addKeyValue("source", source).addKeyValue("reason", why).log("no servers found");
    }
    servers = List.of();
    reason = why;
  }

  private void recordFailure(String source, String why) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
    rest(pause);
    log.atLevel(failures == 0 ? Level.WARN : Level.DEBUG)
        .addKeyValue("source", source)
        .addKeyValue("reason", why)
        .addKeyValue("retry-after-ms", pause.toMillis())
        .log("search for servers failed");
    failures++;
    reason = why;
  }

  /** Returns the time after which an answer expires. */
  private static Duration limit(Duration ttl) {
    Duration least = ttl.compareTo(SHORTEST_TTL) < 0 ? SHORTEST_TTL : ttl;
    return least.compareTo(LONGEST_TTL) > 0 ? LONGEST_TTL : least;
  }

  private void rest(Duration time) {
    state = new State.Resting(loop.schedule(this::ask, time.toNanos(), TimeUnit.NANOSECONDS));
  }
}
