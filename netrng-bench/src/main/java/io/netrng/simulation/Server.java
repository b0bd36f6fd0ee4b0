// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.server.distribution.FairQueue;
import io.netrng.server.session.Admission;
import io.netrng.server.session.SessionProperties;
import io.netrng.server.source.Source.Availability;
import io.netrng.unit.DataRate;
import io.netrng.unit.Percentage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * One server: its admission, its fair queue, and a device that reads a few samples at a time and
 * pauses without demand. As in the server's distribution, all best-effort clients share one flow,
 * whose weight is the headroom.
 */
final class Server {

  /** The prefix of the names of best-effort clients. */
  static final String GUEST = "guest-";

  /** A client closes its session after three keepalives without a frame from the server. */
  static final Duration KEEPALIVE = Duration.ofSeconds(10);

  /** The device releases this many samples per read. */
  private static final int SAMPLES_A_READ = 8;

  private final EventQueue events;
  private final ServerAddress address;
  private final SessionProperties properties;
  private final long capacity;
  private final long nanosASample;
  private final RandomGenerator random;
  private final Attempts attempts = new Attempts();
  private final Runnable give = this::give;

  private State state = State.UP;
  private Life life;

  enum State {
    UP,
    /** The kernel resets connections to it. */
    PROCESS_DEAD,
    /** The machine sends nothing. */
    MACHINE_DEAD
  }

  /** The state that is lost when the server dies. */
  private static final class Life {
    final Admission admission;
    final FairQueue<Deque<SimulatedSession>> queue = new FairQueue<>(Scenario.SAMPLE_SIZE);
    final FairQueue.Flow<Deque<SimulatedSession>> bestEffort;
    final List<SimulatedSession> seats = new ArrayList<>();
    boolean giving;
    long readyAt;

    Life(Admission admission, long capacity) {
      this.admission = admission;
      bestEffort =
          queue.newFlow(new ArrayDeque<>(), capacity * Scenario.HEADROOM, Scenario.SAMPLE_SIZE);
    }
  }

  Server(EventQueue events, ServerAddress address, Scenario scenario, RandomGenerator random) {
    this.events = events;
    this.address = address;
    this.random = random;
    capacity = scenario.capacity();
    nanosASample = TimeUnit.SECONDS.toNanos(1) * Scenario.SAMPLE_SIZE / capacity;
    properties =
        new SessionProperties(
            address.host(),
            address.port(),
            Integer.MAX_VALUE,
            new DataRate(Scenario.GUARANTEE),
            null,
            new Percentage(Scenario.HEADROOM),
            List.of(new SessionProperties.ClientPolicy(GUEST + "*", new DataRate(0), null, null)),
            KEEPALIVE);
    life = newLife();
  }

  private Life newLife() {
    return new Life(
        new Admission(
            properties,
            Availability.Available::new,
            () -> (double) capacity,
            () -> {},
            events::now,
            random),
        capacity);
  }

  ServerAddress address() {
    return address;
  }

  State state() {
    return state;
  }

  Attempts attempts() {
    return attempts;
  }

  /** Returns whether the server has guaranteed no more than its limit. */
  boolean keepsWithinItsMeans() {
    return life.admission.promised() <= life.admission.promisable();
  }

  Admission.Verdict admit(Hello hello) {
    return life.admission.admit(hello);
  }

  /** Creates the session of an admitted client. */
  SimulatedSession seat(Client client, long guarantee) {
    FairQueue.Flow<Deque<SimulatedSession>> flow =
        guarantee == 0
            ? life.bestEffort
            : life.queue.newFlow(new ArrayDeque<>(1), (double) guarantee, Scenario.SAMPLE_SIZE);
    SimulatedSession seat = new SimulatedSession(client, guarantee, flow, events.now());
    life.seats.add(seat);
    await(life, seat);
    return seat;
  }

  /** Queues the client's request for a sample. */
  private void await(Life during, SimulatedSession seat) {
    if (during != life) {
      return;
    }
    seat.waits(events.now());
    seat.flow().subject().add(seat);
    life.queue.activate(seat.flow());
    if (!life.giving) {
      life.giving = true;
      events.at(Math.max(events.now(), life.readyAt), give);
    }
  }

  /** Serves requests with the samples that the device has read. */
  private void give() {
    int given = 0;
    FairQueue.Flow<Deque<SimulatedSession>> head = life.queue.head();
    while (head != null && given < SAMPLES_A_READ) {
      giveOne(head);
      given++;
      head = life.queue.head();
    }
    life.giving = given > 0;
    if (life.giving) {
      life.readyAt = events.now() + given * nanosASample;
      events.at(life.readyAt, give);
    }
  }

  private void giveOne(FairQueue.Flow<Deque<SimulatedSession>> flow) {
    long now = events.now();
    Deque<SimulatedSession> line = flow.subject();
    SimulatedSession seat = line.remove();
    long wantedAt = seat.served(now);
    boolean wantsMore = wantedAt <= now;
    if (wantsMore) {
      seat.waits(now);
      line.add(seat);
    } else {
      Life during = life;
      events.at(wantedAt, () -> await(during, seat));
    }
    life.queue.serveHead(Scenario.SAMPLE_SIZE, !line.isEmpty());
  }

  /** Stops, and loses all guarantees. */
  void die(State how) {
    state = how;
    List<SimulatedSession> seats = life.seats;
    life = newLife();
    seats.forEach(seat -> seat.client().onDeathOf(seat, how));
  }

  /** Starts again. */
  void comeBack() {
    state = State.UP;
  }
}
