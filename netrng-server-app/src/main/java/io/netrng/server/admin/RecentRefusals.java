// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.net.Address;
import io.netrng.protocol.CloseCode;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.SessionEvent;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The recent refusals, counted for each client and reason. A refusal is forgotten when its client
 * is admitted, or {@link #REMEMBERED} after it was last repeated. May be used by any thread.
 */
@Component
final class RecentRefusals {

  /** Longer than the longest time after which a refused client connects again. */
  static final Duration REMEMBERED = Duration.ofMinutes(20);

  /** Refusals of further clients are counted together, for each reason. */
  static final int MOST = 500;

  private final Map<Key, Count> counts = new HashMap<>();
  private final InstantSource clock;

  RecentRefusals() {
    this(InstantSource.system());
  }

  RecentRefusals(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The refusals of one client for one reason, in the API.
   *
   * @param reason the external name of the code in CLOSE
   * @param client its label; null before HELLO, and for those that are counted together
   * @param identity its identity; null if it has none
   * @param address its last address; null for those that are counted together
   * @param detail the last text in CLOSE
   * @param count the number of refusals
   * @param first the time of the first
   * @param last the time of the last
   */
  record Refusal(
      String reason,
      @Nullable String client,
      @Nullable String identity,
      @Nullable String address,
      String detail,
      long count,
      Instant first,
      Instant last) {}

  private record Key(
      CloseCode code, @Nullable String client, @Nullable String identity, @Nullable String host) {}

  private record Count(
      @Nullable String address, String detail, long count, Instant first, Instant last) {}

  /** Returns the refusals that are remembered; the latest comes first. */
  synchronized List<Refusal> list() {
    forget();
    return counts.entrySet().stream()
        .map(entry -> refusal(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparing(Refusal::last).reversed())
        .toList();
  }

  @EventListener
  synchronized void on(SessionEvent event) {
    switch (event) {
      case SessionEvent.Refused refused -> count(refused);
      case SessionEvent.Connected(ClientSession session) ->
          counts
              .keySet()
              .removeIf(key ->
                  session.identity().name().equals(key.identity)
                      && session.label().equals(key.client));
      case SessionEvent.Changed _, SessionEvent.Disconnected _ -> {}
    }
  }

  private void count(SessionEvent.Refused refused) {
    SessionEvent.Applicant applicant = refused.applicant();
    // Ports differ from one connection to the next.
    String host = applicant.label() == null ? host(applicant.address()) : null;
    Key key = new Key(refused.code(), applicant.label(), applicant.identity(), host);
    String address = Address.text(applicant.address());
    if (!counts.containsKey(key) && counts.size() >= MOST) {
      forget();
      if (counts.size() >= MOST) {
        key = new Key(refused.code(), null, null, null);
        address = null;
      }
    }
    Count before = counts.get(key);
    Instant now = clock.instant();
    counts.put(
        key,
        new Count(
            address,
            refused.reason(),
            before == null ? 1 : before.count + 1,
            before == null ? now : before.first,
            now));
  }

  private void forget() {
    Instant oldest = clock.instant().minus(REMEMBERED);
    counts.values().removeIf(count -> count.last.isBefore(oldest));
  }

  private static String host(SocketAddress address) {
    return address instanceof InetSocketAddress internet
        ? internet.getHostString()
        : address.toString();
  }

  private static Refusal refusal(Key key, Count count) {
    return new Refusal(
        key.code.externalName(),
        key.client,
        key.identity,
        count.address,
        count.detail,
        count.count,
        count.first,
        count.last);
  }
}
