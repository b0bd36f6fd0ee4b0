// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.distribution.FairQueue.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.BeforeTry;

/** The theorems of P. Goyal, H. M. Vin, H. Cheng, SIGCOMM 1996, and what design.md adds. */
class FairQueuePropertiesTest {

  private static final int SAMPLE = 2_048;
  private static final int LONGEST = 64 * 1024;
  private static final double BATCH_SECONDS = 1;

  /** What a double may lose on the way of a property, relative to what it is compared with. */
  private static final double ROUNDING = 1e-6;

  /** A client that is simulated: how much it got, and its place. */
  private static final class Client {
    private final double weight;
    private long served;

    private Client(double weight) {
      this.weight = weight;
    }

    private double normalized() {
      return served / weight;
    }
  }

  private FairQueue<Client> queue = new FairQueue<>(LONGEST);

  @BeforeTry
  void emptyTheQueue() {
    queue = new FairQueue<>(LONGEST);
  }

  private Flow<Client> join(double weight) {
    return queue.newFlow(new Client(weight), weight, SAMPLE);
  }

  private Flow<Client> head() {
    return Objects.requireNonNull(queue.head(), "nobody is active");
  }

  private Flow<Client> serve(int length, boolean staysActive) {
    Flow<Client> flow = head();
    queue.serveHead(length, staysActive);
    flow.subject().served += length;
    return flow;
  }

  /** A batch that the flow may be given: whole samples, at least one. */
  private int allowedLength(Flow<Client> flow, Random random) {
    return SAMPLE * (1 + random.nextInt((int) (queue.longestService(flow) / SAMPLE)));
  }

  /** A batch: whole samples, at most 64 KB. */
  private static int runLength(Random random) {
    return SAMPLE * (1 + random.nextInt(LONGEST / SAMPLE));
  }

  @Property(tries = 200)
  void continuouslyActiveFlowsReceiveServiceInProportionToTheirWeights(
      @ForAll("weights") @Size(min = 2, max = 20) List<Double> weights, @ForAll long seed) {
    // given flows that are active all the time, and one that comes and goes
    Random random = new Random(seed);
    List<Flow<Client>> flows = weights.stream().map(this::join).toList();
    flows.forEach(queue::activate);
    Flow<Client> visitor = join(weights.getFirst());
    List<long[]> history = new ArrayList<>();

    // when
    for (int i = 0; i < 2_000; i++) {
      if (random.nextInt(4) == 0) {
        queue.activate(visitor);
      }
      Flow<Client> flow = head();
      serve(runLength(random), flow != visitor);
      if (i % 50 == 0) {
        history.add(flows.stream().mapToLong(f -> f.subject().served).toArray());
      }
    }

    // then Goyal's theorem 1 holds over every interval
    for (long[] from : history) {
      for (long[] to : history) {
        for (int f = 0; f < flows.size(); f++) {
          for (int m = 0; m < f; m++) {
            double ofF = (to[f] - from[f]) / weights.get(f);
            double ofM = (to[m] - from[m]) / weights.get(m);
            double bound = LONGEST / weights.get(f) + LONGEST / weights.get(m);
            assertThat(Math.abs(ofF - ofM))
                .as("flows of weight %s and %s", weights.get(f), weights.get(m))
                .isLessThanOrEqualTo(bound * (1 + ROUNDING) + Math.abs(ofF) * ROUNDING);
          }
        }
      }
    }
  }

  @Property(tries = 200)
  void aWaitingClientReceivesItsGuaranteeRegardlessOfOtherClients(
      @ForAll("weights") @Size(min = 1, max = 20) List<Double> others,
      @ForAll("weight") double guarantee,
      @ForAll long seed) {
    // given a source as fast as the sum of all guarantees, and others that come and go
    Random random = new Random(seed);
    double rate = guarantee + others.stream().mapToDouble(w -> w).sum();
    List<Flow<Client>> flows = others.stream().map(this::join).toList();
    Flow<Client> client = join(guarantee);
    queue.activate(client);
    double seconds = 0;

    for (int i = 0; i < 2_000; i++) {
      flows.forEach(flow -> {
        switch (random.nextInt(10)) {
          case 0 -> queue.deactivate(flow);
          case 1, 2 -> queue.activate(flow);
          default -> {}
        }
      });

      // when
      int length = runLength(random);
      Flow<Client> flow = head();
      serve(length, flow == client || random.nextBoolean());
      seconds += length / rate;

      // then it is behind by no more than its own batch, the first batch of a new session, and a
      // batch
      // of each of the others (Goyal's theorem 2)
      double behind = 2 * LONGEST + guarantee * (others.size() + 1) * LONGEST / rate;
      assertThat((double) client.subject().served)
          .isGreaterThanOrEqualTo((guarantee * seconds - behind) * (1 - ROUNDING));
    }
  }

  @Property(tries = 200)
  void idleTimeGivesNoAdvantage(
      @ForAll("weights") @Size(min = 1, max = 10) List<Double> others,
      @ForAll("weight") double weight,
      @ForAll @IntRange(min = 1, max = 3_000) int idleFor) {
    // given one that was served once and then idle while the others were busy
    queue = new FairQueue<>(SAMPLE);
    Flow<Client> idler = join(weight);
    queue.activate(idler);
    serve(SAMPLE, false);
    List<Flow<Client>> flows = others.stream().map(this::join).toList();
    flows.forEach(queue::activate);
    for (int i = 0; i < idleFor; i++) {
      serve(SAMPLE, true);
    }
    double[] before = flows.stream().mapToDouble(f -> f.subject().normalized()).toArray();
    double idlersBefore = idler.subject().normalized();

    // when it is back, all wait all the time
    queue.activate(idler);
    for (int i = 0; i < 500; i++) {
      serve(SAMPLE, true);

      // then it is never ahead of another by more than the bound of those who were never idle
      double gained = idler.subject().normalized() - idlersBefore;
      for (int f = 0; f < flows.size(); f++) {
        double othersGained = flows.get(f).subject().normalized() - before[f];
        double bound = SAMPLE / weight + SAMPLE / others.get(f);
        assertThat(gained - othersGained).isLessThanOrEqualTo(bound * (1 + ROUNDING));
      }
    }
  }

  @Property(tries = 300)
  void reconnectingGivesNoMoreServiceThanStayingConnected(
      @ForAll("weights") @Size(max = 5) List<Double> others,
      @ForAll("weight") double weight,
      @ForAll("horizon") double horizon,
      @ForAll long seed) {
    // given two clients with the same guarantee, and batches of any length that each may have
    Random random = new Random(seed);
    queue.setHorizon(horizon);
    others.stream().map(this::join).forEach(queue::activate);
    Flow<Client> loyal = join(weight);
    queue.activate(loyal);
    Flow<Client> fickle = join(weight);
    queue.activate(fickle);
    long byReconnecting = 0;

    for (int i = 0; i < 3_000; i++) {
      // when one of them reconnects behind every batch, or leaves and comes back without one
      int length = allowedLength(head(), random);
      if (head() == fickle) {
        serve(length, false);
        byReconnecting += length;
        fickle = join(weight);
        queue.activate(fickle);
      } else {
        serve(length, true);
        if (random.nextInt(10) == 0) {
          queue.deactivate(fickle);
          fickle = join(weight);
          queue.activate(fickle);
        }
      }

      // then
      assertThat(byReconnecting)
          .isLessThanOrEqualTo(loyal.subject().served + 2 * queue.longestService(loyal));
    }
  }

  @Property(tries = 300)
  void sharesFollowTheCurrentWeightsAfterAnyWeightChanges(
      @ForAll("weights") @Size(min = 2, max = 10) List<Double> weights, @ForAll long seed) {
    // given flows whose weights change by any factor, whether they wait or not
    Random random = new Random(seed);
    List<Flow<Client>> flows = weights.stream().map(this::join).toList();
    double[] current = weights.stream().mapToDouble(w -> w).toArray();
    for (int i = 0; i < 1_000; i++) {
      int f = random.nextInt(flows.size());
      switch (random.nextInt(4)) {
        case 0 -> {
          current[f] = Math.pow(10, 6 * random.nextDouble());
          queue.setWeight(flows.get(f), current[f]);
        }
        case 1 -> queue.deactivate(flows.get(f));
        default -> queue.activate(flows.get(f));
      }
      if (queue.head() != null) {
        serve(runLength(random), random.nextInt(4) != 0);
      }
    }

    // when all wait from now on
    flows.forEach(queue::activate);
    flows.forEach(flow -> flow.subject().served = 0);
    for (int i = 0; i < 2_000; i++) {
      serve(runLength(random), true);
    }

    // then none is further from its share than flows whose weight never changed (theorem 1)
    for (int f = 0; f < flows.size(); f++) {
      for (int m = 0; m < f; m++) {
        double ofF = (double) flows.get(f).subject().served / current[f];
        double ofM = (double) flows.get(m).subject().served / current[m];
        double bound = LONGEST / current[f] + LONGEST / current[m];
        assertThat(Math.abs(ofF - ofM))
            .as("weights of %s and %s", current[f], current[m])
            .isLessThanOrEqualTo(bound * (1 + ROUNDING) + Math.abs(ofF) * ROUNDING);
      }
    }
  }

  /** What docs/operate.md states: the longest wait of a client whose guarantee can be kept. */
  @Property(tries = 300)
  void servesAWaitingClientWithinTheBoundRegardlessOfOtherWeights(
      @ForAll("weights") @Size(min = 1, max = 20) List<Double> others,
      @ForAll("weight") double guarantee,
      @ForAll("spare") double spare,
      @ForAll long seed) {
    // given a device that can keep all guarantees, and others that connect, wait, and leave
    Random random = new Random(seed);
    double rate = spare * (guarantee + others.stream().mapToDouble(w -> w).sum());
    Flow<Client> client = join(guarantee);
    double weights = guarantee;
    queue.setHorizon(BATCH_SECONDS * rate / weights);
    queue.activate(client);
    List<Flow<Client>> absent = new ArrayList<>(others.stream().map(this::join).toList());
    List<Flow<Client>> present = new ArrayList<>();
    double seconds = 0;
    double servedAt = 0;

    for (int i = 0; i < 3_000; i++) {
      // when
      if (random.nextInt(20) == 0) {
        boolean connects = !absent.isEmpty() && (present.isEmpty() || random.nextBoolean());
        List<Flow<Client>> from = connects ? absent : present;
        if (!from.isEmpty()) {
          Flow<Client> other = from.remove(random.nextInt(from.size()));
          double weight = other.subject().weight;
          queue.deactivate(other);
          weights += connects ? weight : -weight;
          queue.setHorizon(BATCH_SECONDS * rate / weights);
          if (connects) {
            present.add(join(weight));
          } else {
            absent.add(other);
          }
        }
      }
      present.forEach(flow -> {
        switch (random.nextInt(10)) {
          case 0 -> queue.deactivate(flow);
          case 1, 2 -> queue.activate(flow);
          default -> {}
        }
      });
      Flow<Client> flow = head();
      int length = allowedLength(flow, random);
      serve(length, flow == client || random.nextBoolean());
      seconds += length / rate;

      // then
      double wait = seconds - servedAt;
      double bound =
          Math.max(SAMPLE / guarantee, 2 * BATCH_SECONDS)
              + 2 * BATCH_SECONDS
              + (others.size() + 2) * SAMPLE / rate;
      assertThat(wait).isLessThanOrEqualTo(bound * (1 + ROUNDING));
      if (flow == client) {
        servedAt = seconds;
      }
    }
  }

  @Property(tries = 100)
  void insufficientRateReducesAllFlowsByTheSameFactor(
      @ForAll("weights") @Size(min = 2, max = 20) List<Double> weights) {
    // given all have demand, and the source gives less than they were promised
    queue = new FairQueue<>(SAMPLE);
    List<Flow<Client>> flows = weights.stream().map(this::join).toList();
    flows.forEach(queue::activate);
    double sum = weights.stream().mapToDouble(w -> w).sum();

    // when
    long total = 0;
    for (int i = 0; i < 5_000; i++) {
      serve(SAMPLE, true);
      total += SAMPLE;
    }

    // then each has its share of what there was, to a sample and what the others hold in advance
    for (Flow<Client> flow : flows) {
      double weight = flow.subject().weight;
      assertThat((double) flow.subject().served)
          .isBetween(
              total * weight / sum - SAMPLE * (1 + weight * weights.size() / sum) - SAMPLE,
              total * weight / sum + SAMPLE * (1 + weight * weights.size() / sum) + SAMPLE);
    }
  }

  @Property(tries = 200)
  void aStalledClientLeavesAllServiceToOtherClients(
      @ForAll("weights") @Size(min = 1, max = 10) List<Double> weights,
      @ForAll("weight") double ofStalled,
      @ForAll @IntRange(max = 500) int stallsAfter) {
    // given
    List<Flow<Client>> flows = weights.stream().map(this::join).toList();
    flows.forEach(queue::activate);
    Flow<Client> stalled = join(ofStalled);
    queue.activate(stalled);
    for (int i = 0; i < stallsAfter; i++) {
      serve(SAMPLE, true);
    }

    // when
    queue.deactivate(stalled);
    long before = flows.stream().mapToLong(f -> f.subject().served).sum();
    for (int i = 0; i < 1_000; i++) {
      serve(SAMPLE, true);
    }

    // then everything goes to the others
    long after = flows.stream().mapToLong(f -> f.subject().served).sum();
    assertThat(after - before).isEqualTo(1_000L * SAMPLE);
  }

  /** Powers of two keep both queues exact, so that ties are ties and tags can be compared. */
  @Property(tries = 300)
  void choosesTheSameFlowsAsTheNaiveQueue(
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll @IntRange(max = 20) int spread,
      @ForAll long seed) {
    // given the same flows in both
    Random random = new Random(seed);
    NaiveQueue naive = new NaiveQueue();
    FairQueue<Integer> fair = new FairQueue<>(LONGEST);
    List<Flow<Integer>> fairFlows = new ArrayList<>();
    List<NaiveQueue.Flow> naiveFlows = new ArrayList<>();
    IntStream.range(0, count)
        .forEach(i -> {
          double weight = 1 << random.nextInt(spread + 1);
          fairFlows.add(fair.newFlow(i, weight, SAMPLE));
          naiveFlows.add(naive.newFlow(weight, LONGEST));
        });
    int activeAtMost = 0;

    for (int step = 0; step < 3_000; step++) {
      // when the same happens to both
      int i = random.nextInt(count);
      switch (random.nextInt(8)) {
        case 0 -> {
          fair.deactivate(fairFlows.get(i));
          naive.deactivate(naiveFlows.get(i));
        }
        case 1, 2 -> {
          fair.activate(fairFlows.get(i));
          naive.activate(naiveFlows.get(i));
        }
        case 3 -> {
          double weight = 1 << random.nextInt(spread + 1);
          fair.deactivate(fairFlows.get(i));
          naive.deactivate(naiveFlows.get(i));
          fairFlows.set(i, fair.newFlow(i, weight, SAMPLE));
          naiveFlows.set(i, naive.newFlow(weight, LONGEST));
        }
        default -> {
          if (!naive.isEmpty()) {
            int length = SAMPLE << random.nextInt(6);
            boolean stays = random.nextInt(5) != 0;
            fair.serveHead(length, stays);
            naive.serveHead(length, stays);
          }
        }
      }

      // then the same is next
      activeAtMost = Math.max(activeAtMost, fair.size());
      Flow<Integer> head = fair.head();
      if (head == null) {
        assertThat(naive.isEmpty()).isTrue();
      } else {
        assertThat(naive.isEmpty()).isFalse();
        assertThat(naiveFlows.get(head.subject())).isSameAs(naive.head());
      }
    }
    assertThat(activeAtMost).isPositive();
  }

  @Property(tries = 50)
  void sharesStayFairAfterLongAdvancesOfVirtualTime(
      @ForAll("anyWeights") @Size(min = 2, max = 6) List<Double> weights,
      @ForAll @IntRange(max = 5_000) int longRuns,
      @ForAll @IntRange(min = 16, max = 100) int length) {
    // given flows that are idle while one of weight 1 drives virtual time on by 65,536 a batch,
    // which is over 2^24 for every 256 batches
    queue = new FairQueue<>(length);
    List<Flow<Client>> flows =
        weights.stream().map(w -> queue.newFlow(new Client(w), w, length)).toList();
    flows.forEach(queue::activate);
    for (int i = 0; i < 10; i++) {
      serve(length, true);
    }
    flows.forEach(queue::deactivate);
    Flow<Client> driver = queue.newFlow(new Client(1), 1, SAMPLE);
    queue.activate(driver);
    for (int i = 0; i < longRuns; i++) {
      serve(LONGEST, true);
    }
    queue.deactivate(driver);

    // when they are back, with services as short as they come
    flows.forEach(queue::activate);
    serve(length, true);
    flows.forEach(flow -> flow.subject().served = 0);
    for (int i = 0; i < 20_000; i++) {
      serve(length, true);
    }

    // then
    for (Flow<Client> f : flows) {
      for (Flow<Client> m : flows) {
        double bound = length / f.subject().weight + length / m.subject().weight;
        double ofF = f.subject().normalized();
        double ofM = m.subject().normalized();
        assertThat(Math.abs(ofF - ofM))
            .as("weights %s and %s", f.subject().weight, m.subject().weight)
            .isLessThanOrEqualTo(bound * 1.01 + 0.01 * Math.min(ofF, ofM));
      }
    }
  }

  /** In seconds of virtual time: from a sample of the heaviest flow to no limit. */
  @Provide
  Arbitrary<Double> horizon() {
    return Arbitraries.oneOf(
        Arbitraries.doubles().between(0.001, 1_000).ofScale(3),
        Arbitraries.just(Double.POSITIVE_INFINITY));
  }

  /** How many times the guarantees the device gives. */
  @Provide
  Arbitrary<Double> spare() {
    return Arbitraries.doubles().between(1, 1_000).ofScale(1);
  }

  @Provide
  Arbitrary<Double> weight() {
    return Arbitraries.doubles().between(1, 1e6).ofScale(2);
  }

  @Provide
  Arbitrary<List<Double>> weights() {
    return weight().list();
  }

  @Provide
  Arbitrary<List<Double>> anyWeights() {
    return Arbitraries.oneOf(
            Arbitraries.doubles().between(1, 100),
            Arbitraries.doubles().between(1e9, 4_294_967_295.0))
        .list();
  }
}
