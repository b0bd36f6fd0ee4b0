// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.stream.Candidates;
import io.netrng.client.stream.Candidates.Candidate;
import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame.Close;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** The servers and clients of a site, and their events: one run of a scenario. */
final class Site implements Client.Network {

  private static final int PORT = 8989;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** The time between two samples of a client that draws its guarantee. */
  private static final long SAMPLE_LASTS = SECOND * Scenario.SAMPLE_SIZE / Scenario.GUARANTEE;

  private final Scenario scenario;
  private final RandomGenerator random;
  private final EventQueue events;
  private final List<Server> servers = new ArrayList<>();
  private final Map<ServerAddress, Server> directory = new HashMap<>();
  private final List<Client> clients = new ArrayList<>();
  private final List<SecondStats> moments = new ArrayList<>();
  private final Map<CloseCode, Long> refusals = new EnumMap<>(CloseCode.class);
  private boolean withinMeans = true;
  private int attempts;
  private int mostOnOne;
  private int mostOnDead;

  private Site(Scenario scenario) {
    this.scenario = scenario;
    random = new SplittableRandom(scenario.seed());
    events = new EventQueue(scenario.end() * SECOND + 1);
    for (int i = 0; i < scenario.servers(); i++) {
      ServerAddress address =
          new ServerAddress("10.0.%d.%d".formatted(i >>> Byte.SIZE, i & 0xff), PORT);
      Server server = new Server(events, address, scenario, random);
      servers.add(server);
      directory.put(address, server);
    }
    for (int i = 0; i < scenario.clients(); i++) {
      clients.add(newClient(i, newList()));
    }
  }

  /** Runs a scenario from its beginning to its end. */
  static Outcome run(Scenario scenario) {
    Site site = new Site(scenario);
    site.plan();
    site.events.run();
    return new Outcome(scenario, site.moments, site.refusals, site.withinMeans);
  }

  /** Each client has a different order, as operators distribute lists to spread the load. */
  private List<ServerAddress> newList() {
    Set<ServerAddress> list = new LinkedHashSet<>();
    while (list.size() < Math.min(Scenario.LIST_LENGTH, servers.size())) {
      list.add(servers.get(random.nextInt(servers.size())).address());
    }
    return List.copyOf(list);
  }

  /** Half of the clients have unlimited demand, a quarter their guarantee, a quarter half of it. */
  private Client newClient(int number, List<ServerAddress> list) {
    boolean guest = number % Scenario.GUEST_EVERY == 0;
    long lasts =
        switch (guest ? 0 : number % 4) {
          case 1 -> SAMPLE_LASTS;
          case 2 -> 2 * SAMPLE_LASTS;
          default -> 0;
        };
    Hello hello = new Hello(0, (guest ? Server.GUEST : "client-") + number);
    return new Client(events, this, hello, new Candidates(list, 0, random), lasts);
  }

  private void plan() {
    // Added first, so that events at the end of a second count in the next one.
    for (int second = 0; second < scenario.end(); second++) {
      int finished = second;
      events.at((second + 1) * SECOND, () -> look(finished));
    }
    for (Client client : clients) {
      events.at(random.nextLong(scenario.upWithin() * SECOND), client::next);
    }
    events.at(scenario.deathAt() * SECOND, this::killSome);
    events.at(scenario.backAt() * SECOND, this::bringBack);
  }

  /** The servers have no order, so any may die; in every second case the whole machine dies. */
  private void killSome() {
    for (int i = 0; i < scenario.dead(); i++) {
      servers
          .get(i * Scenario.DEAD_EVERY)
          .die(i % 2 == 0 ? Server.State.PROCESS_DEAD : Server.State.MACHINE_DEAD);
    }
  }

  private void bringBack() {
    servers.stream().filter(s -> s.state() != Server.State.UP).forEach(Server::comeBack);
  }

  private void look(int second) {
    withinMeans &= servers.stream().allMatch(Server::keepsWithinItsMeans);
    long served = clients.stream().filter(c -> !c.isGuest() && c.hasItsGuarantee()).count();
    moments.add(
        new SecondStats(
            second, (double) served / scenario.guaranteed(), attempts, mostOnOne, mostOnDead));
    attempts = 0;
    mostOnOne = 0;
    mostOnDead = 0;
  }

  @Override
  public Server dial(Candidate candidate) {
    Server server = directory.get(candidate.server());
    if (server == null) {
      throw new IllegalStateException("no server at " + candidate.server());
    }
    attempts++;
    int inThisSecond = server.attempts().add(events.now() / SECOND);
    if (server.state() == Server.State.UP) {
      mostOnOne = Math.max(mostOnOne, inThisSecond);
    } else {
      mostOnDead = Math.max(mostOnDead, inThisSecond);
    }
    return server;
  }

  @Override
  public void refused(Close close) {
    refusals.merge(close.code(), 1L, Long::sum);
  }
}
