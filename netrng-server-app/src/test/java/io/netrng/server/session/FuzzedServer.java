// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame;
import io.netrng.server.source.Source.Availability;
import io.netrng.testkit.Message;
import io.netrng.unit.DataRate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.netty.ConnectionObserver;
import reactor.netty.channel.ChannelOperations;

/** The sessions of a server in virtual time, with a few clients and the state that they share. */
final class FuzzedServer {

  /** The prefix of the labels of clients with a ceiling. */
  static final String CAPPED = "c";

  /** The label of clients that can be denied. */
  static final String DENIED = "d";

  private static final int SAMPLE_SIZE = 64;
  private static final long MEMORY = 40 * SAMPLE_SIZE;
  private static final int MAX_CLIENTS = 3;
  private static final int CONNECTIONS = 4;
  private static final Duration KEEPALIVE = Duration.ofSeconds(1);
  private static final Duration SILENCE = KEEPALIVE.multipliedBy(3);
  private static final Duration STEP = Duration.ofMillis(250);
  private static final int MOST_ROUNDS = 10_000;

  private final VirtualSessions virtual =
      new VirtualSessions(
          SAMPLE_SIZE,
          MEMORY,
          MAX_CLIENTS,
          KEEPALIVE,
          List.of(
              client(CAPPED + "*", 0, 2L * SAMPLE_SIZE, null),
              client("g*", 10_000, null, null),
              client("one", 100, null, 1)));
  private final SessionRegistry sessions = virtual.registry();
  private final StreamServer server = virtual.listener();
  private final List<FuzzedConnection> all = new ArrayList<>();
  private final FuzzedConnection[] connections = new FuzzedConnection[CONNECTIONS];
  private final Set<Long> offsets = new HashSet<>();

  FuzzedServer() {
    for (int i = 0; i < CONNECTIONS; i++) {
      connections[i] = connect();
    }
  }

  private static SessionProperties.ClientPolicy client(
      String name, long guarantee, @Nullable Long ceiling, @Nullable Integer maxConnections) {
    return new SessionProperties.ClientPolicy(
        name,
        new DataRate(guarantee),
        ceiling == null ? null : new DataRate(ceiling),
        maxConnections);
  }

  private FuzzedConnection connect() {
    FuzzedChannel channel = virtual.channel();
    FuzzedConnection connection =
        new FuzzedConnection(channel, virtual.ticker(), SAMPLE_SIZE, offsets);
    all.add(connection);
    ChannelOperations.addReactiveBridge(
        channel,
        (c, observer, _) -> new ChannelOperations<>(c, observer),
        (c, state) -> {
          if (state.equals(ConnectionObserver.State.CONFIGURED)) {
            server.onConnection(c);
          }
        });
    try {
      channel.register();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return connection;
  }

  FuzzedConnection connection(int index) {
    return connections[index % CONNECTIONS];
  }

  /** Connects another client in place of one that has disconnected. */
  void reconnect(int index) {
    if (!connection(index).isOpen()) {
      connections[index % CONNECTIONS] = connect();
    }
  }

  void release(int samples) {
    virtual.release(samples);
  }

  void pass(int steps) {
    for (int i = 0; i < steps; i++) {
      virtual.advance(STEP);
      all.forEach(c -> c.noteTime(SILENCE));
      settle();
    }
  }

  void kickAll() {
    all.forEach(FuzzedConnection::kick);
    sessions.closeAll(new ServerFrame.Close(CloseCode.KICKED, 0, "kicked"));
  }

  void deny(boolean denied) {
    virtual.authenticator().deny(denied ? List.of(DENIED) : List.of());
    sessions.closeDenied();
  }

  void setAvailability(int which) {
    virtual.setAvailability(
        switch (which % 3) {
          case 0 -> new Availability.Available();
          case 1 -> new Availability.Expected(Duration.ofSeconds(1));
          default -> new Availability.Exhausted();
        });
  }

  /** Runs all due tasks and checks the invariants. */
  void settle() {
    int rounds = 0;
    boolean busy = true;
    while (busy) {
      busy = false;
      for (FuzzedConnection connection : all) {
        if (connection.channel().hasPendingTasks()) {
          connection.channel().runPendingTasks();
          busy = true;
        }
      }
      assertThat(rounds++).as("rounds until no task is due").isLessThan(MOST_ROUNDS);
    }
    for (FuzzedConnection connection : all) {
      connection.channel().checkException();
      connection.receive();
      connection.checkTime(SILENCE);
    }
  }

  /**
   * Lets all clients read everything and disconnect, and checks that the server is in its initial
   * state.
   */
  void finish() {
    all.forEach(c -> c.channel().take(Long.MAX_VALUE));
    settle();
    all.forEach(FuzzedConnection::checkAnswers);
    assertThat(all)
        .as("no client waits while samples are ready")
        .allMatch(
            c -> !c.isStreaming() || c.isSatisfied() || virtual.source().stream().readySize() == 0);
    checkBooks();
    checkNobodyWasLost();
    all.forEach(FuzzedConnection::leave);
    settle();
    checkNobody();
    checkAsGoodAsNew();
    all.forEach(FuzzedConnection::dispose);
    assertThat(virtual.close()).as("unreleased buffers").isZero();
  }

  private void checkBooks() {
    long received = all.stream().mapToLong(FuzzedConnection::samples).sum() * SAMPLE_SIZE;
    assertThat(sessions.delivered()).isLessThanOrEqualTo(received);
    // A partially written batch counts as not delivered.
    if (all.stream().allMatch(c -> c.channel().hasTakenAll())) {
      assertThat(sessions.delivered()).isEqualTo(received);
    }
    assertThat(sessions.clients())
        .hasSize((int) all.stream().filter(FuzzedConnection::isStreaming).count());
  }

  /** Checks that no exception ended a session, which would look like a lost connection. */
  private void checkNobodyWasLost() {
    assertThat(
            virtual.events().stream()
                .filter(e ->
                    e instanceof SessionEvent.Disconnected left
                        && left.reason().equals("connection-lost"))
                .count())
        .isLessThanOrEqualTo(all.stream().filter(FuzzedConnection::isGone).count());
  }

  private void checkNobody() {
    assertThat(sessions.connections()).as("connections").isZero();
    assertThat(sessions.clients()).isEmpty();
    assertThat(sessions.promised()).as("promised").isZero();
    assertThat(
            virtual.events().stream().filter(e -> e instanceof SessionEvent.Disconnected).count())
        .as("every connected client has disconnected")
        .isEqualTo(
            virtual.events().stream().filter(e -> e instanceof SessionEvent.Connected).count());
  }

  private void checkAsGoodAsNew() {
    setAvailability(0);
    deny(false);
    List<FuzzedConnection> fresh = new ArrayList<>();
    for (int i = 0; i < MAX_CLIENTS; i++) {
      FuzzedConnection client = connect();
      client.send(new Message.Hello(1, 0, "new").bytes());
      client.send(new Message.Request(1).bytes());
      fresh.add(client);
    }
    release(MAX_CLIENTS);
    settle();
    assertThat(fresh).allMatch(c -> c.isStreaming() && c.samples() == 1);
    fresh.forEach(c -> c.send(new Message.Bye().bytes()));
    settle();
    checkNobody();
  }
}
