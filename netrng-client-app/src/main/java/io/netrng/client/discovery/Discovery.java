// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Follows all entries of the list of servers. All methods run on the event loop after the start.
 * Before each entry has had a first result, there are no servers, so that the client does not
 * connect to a less preferred server for lack of an answer.
 */
public final class Discovery {

  private final List<Watch> watches;

  /** The ways to find servers. Each method is called only if an entry needs it. */
  public interface Sources {

    /** Makes the DNS of this machine. */
    Dns dns();

    /** Makes a browser of the local network. */
    MdnsBrowser mdns();
  }

  /**
   * Makes a discovery that is not started.
   *
   * @param entries in the order of preference
   * @param serverName for all certificates; null uses the name of the entry
   * @param mdnsAllowed whether {@link ServerEntry.Auto} may use multicast DNS
   * @param loop the event loop
   * @param random orders servers by weight
   */
  public Discovery(
      List<ServerEntry> entries,
      @Nullable String serverName,
      boolean mdnsAllowed,
      Sources sources,
      ScheduledExecutorService loop,
      RandomGenerator random) {
    watches =
        entries.stream()
            .map(entry -> watch(entry, serverName, mdnsAllowed, sources, loop, random))
            .toList();
  }

  private static Watch watch(
      ServerEntry entry,
      @Nullable String serverName,
      boolean mdnsAllowed,
      Sources sources,
      ScheduledExecutorService loop,
      RandomGenerator random) {
    return switch (entry) {
      case ServerAddress address -> new Watch.Fixed(Server.of(address, serverName));
      case ServerEntry.Srv srv ->
          new SrvWatch(
              srv,
              () -> List.of(srv.name()),
              serverName == null ? srv.domain() : serverName,
              serverName == null ? srv.domain().toLowerCase(Locale.ROOT) : srv.toString(),
              sources.dns(),
              loop,
              random);
      case ServerEntry.Mdns _ ->
          new MdnsWatch(Objects.requireNonNull(serverName), sources.mdns(), loop, random);
      case ServerEntry.Auto auto -> {
        String name = Objects.requireNonNull(serverName);
        Dns dns = sources.dns();
        SrvWatch srv =
            new SrvWatch(
                auto,
                () -> dns.searchDomains().stream().map(ServerEntry.Auto::serviceIn).toList(),
                name,
                auto.toString(),
                dns,
                loop,
                random);
        yield new AutoWatch(
            srv, mdnsAllowed ? new MdnsWatch(name, sources.mdns(), loop, random) : null);
      }
    };
  }

  /**
   * Starts to look for servers.
   *
   * @param listener is called after each result
   */
  public void start(Runnable listener) {
    watches.forEach(watch -> watch.start(listener));
  }

  /** Looks again at once. */
  public void refresh() {
    watches.forEach(Watch::refresh);
  }

  /** Stops to look. The listener is not called again. */
  public void stop() {
    watches.forEach(Watch::stop);
  }

  /**
   * Returns the known servers in the order of preference, each once. A listed server remains what
   * the list describes if it is also discovered.
   */
  public List<Server> servers() {
    if (!watches.stream().allMatch(Watch::hasResult)) {
      return List.of();
    }
    List<Server> listed =
        watches.stream()
            .filter(Watch.Fixed.class::isInstance)
            .flatMap(watch -> watch.servers().stream())
            .toList();
    List<Server> distinct = new ArrayList<>();
    watches.stream()
        .flatMap(watch -> watch.servers().stream())
        .filter(server -> distinct.stream().noneMatch(server::isSameAs))
        .map(server -> listed.stream().filter(server::isSameAs).findFirst().orElse(server))
        .forEach(distinct::add);
    return List.copyOf(distinct);
  }

  /** Describes why there are no servers. */
  public String reason() {
    return watches.stream()
        .map(Watch::reason)
        .filter(reason -> !reason.isEmpty())
        .collect(Collectors.joining("; "));
  }
}
