// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.server.source.SampleBatch;
import io.netrng.server.source.SampleBuffer;
import io.netrng.server.source.Sources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DistributorTest {

  private static final int SIZE = 1_024;
  private static final int IN_FLIGHT = 192 * 1024;
  private static final long MEMORY = 8 * IN_FLIGHT;
  private static final int MAX_CLIENTS = 200;

  /**
   * The memory of one separate sample: its frame of 1,037 bytes in a buffer of 1,280 bytes, and 512
   * bytes.
   */
  private static final int SAMPLE_MEMORY = 1_280 + 512;

  /** The maximum number of separate samples that a client without completed writes receives. */
  private static final int IN_FLIGHT_SAMPLES = Math.ceilDiv(IN_FLIGHT * 3 / 4, SAMPLE_MEMORY);

  private final AtomicLong now = new AtomicLong();
  private final SampleBuffer stream = Sources.stream(SIZE);
  private final Distributor distributor =
      new Distributor(stream, now::get, IN_FLIGHT, MEMORY, MAX_CLIENTS);
  private final List<Client> clients = new ArrayList<>();

  @AfterEach
  void close() {
    clients.forEach(Client::leave);
    Sources.close(stream);
  }

  /** A recipient that keeps its batches until the test calls settle(). */
  private final class Client implements Recipient {

    private final Distributor.Subscription subscription;
    private final Queue<SampleBatch> offered = new ConcurrentLinkedQueue<>();
    private final AtomicInteger wakes = new AtomicInteger();
    private final AtomicLong got = new AtomicLong();
    private long resumeAt;

    private Client(long guarantee) {
      this(guarantee, Distributor.NO_CEILING);
    }

    private Client(long guarantee, long ceiling) {
      this(distributor, guarantee, ceiling);
    }

    private Client(Distributor of, long guarantee, long ceiling) {
      subscription = of.subscribe(guarantee, ceiling, this);
      clients.add(this);
    }

    @Override
    public void offer(SampleBatch batch) {
      got.addAndGet(batch.samples());
      offered.add(batch);
    }

    @Override
    public void wake() {
      wakes.incrementAndGet();
    }

    @Override
    public void resumeAfter(long nanos) {
      resumeAt = now.get() + nanos;
    }

    private void settleOne() {
      SampleBatch batch = offered.remove();
      batch.release();
      subscription.acknowledge(batch);
    }

    private void settle() {
      for (SampleBatch batch = offered.poll(); batch != null; batch = offered.poll()) {
        batch.release();
        subscription.acknowledge(batch);
      }
    }

    private void leave() {
      subscription.cancel();
      settle();
    }
  }

  private void release(int batches, int samples) {
    for (int i = 0; i < batches; i++) {
      Sources.release(stream, samples);
    }
  }

  /** Sets a device with this many samples per second, which are read at that rate. */
  private void gives(long samples) {
    distributor.setCapacity((double) samples * SIZE, 0.1);
    distributor.setReadRate((double) samples * SIZE);
  }

  @Nested
  class BestEffort {

    @Test
    void bestEffortClientsShareTheHeadroomEqually() {
      // given one client with a guarantee and ten without, whose demand exceeds the rate
      distributor.setCapacity(1_000, 0.1);
      Client guaranteed = new Client(900);
      guaranteed.subscription.request(1_000_000);
      List<Client> others = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Client client = new Client(0);
        client.subscription.request(1_000_000);
        others.add(client);
      }

      // when
      for (int i = 0; i < 1_000; i++) {
        release(1, 1);
        clients.forEach(Client::settle);
      }

      // then
      assertThat(guaranteed.got.get()).isBetween(899L, 901L);
      assertThat(others).allSatisfy(c -> assertThat(c.got.get()).isBetween(9L, 11L));
    }

    @Test
    void limitsBestEffortBatchesToTheClientsShareOfTheHeadroom() {
      // given a device whose best-effort clients together receive 100 samples per second
      gives(1_000);
      new Client(900 * SIZE);
      List<Client> others = Stream.generate(() -> new Client(0)).limit(10).toList();
      others.forEach(c -> c.subscription.request(1_000));

      // when
      release(10, 60);

      // then no turn takes more than a tenth of them
      assertThat(others)
          .allSatisfy(c ->
              assertThat(c.offered)
                  .extracting(SampleBatch::samples)
                  .allSatisfy(samples -> assertThat(samples).isBetween(1, 10)));
    }

    @Test
    void aBestEffortClientReceivesAllSamplesWithoutOtherDemand() {
      Client guaranteed = new Client(900);
      Client other = new Client(0);
      other.subscription.request(50);
      release(50, 1);
      assertThat(other.got).hasValue(50);
      assertThat(guaranteed.got).hasValue(0);
    }

    @Test
    void stalledOrDisconnectedBestEffortClientsDoNotDelayOthers() {
      // given
      Client stalled = new Client(0);
      Client leaver = new Client(0);
      Client taker = new Client(0);
      List.of(stalled, leaver, taker).forEach(c -> c.subscription.request(1_000_000));

      // when
      for (int i = 0; i < 10 * IN_FLIGHT_SAMPLES; i++) {
        if (i == 3) {
          leaver.leave();
        }
        release(1, 1);
        taker.settle();
      }

      // then
      assertThat(stalled.got).hasValue(IN_FLIGHT_SAMPLES);
      assertThat(taker.got.get() + leaver.got.get()).isEqualTo(9L * IN_FLIGHT_SAMPLES);
      assertThat(leaver.got.get()).isLessThanOrEqualTo(2);
    }
  }

  @Nested
  class TheCapacity {

    private static final int MANY = 1_000_000;

    private void serve(int samples) {
      for (int i = 0; i < samples; i++) {
        release(1, 1);
        clients.forEach(Client::settle);
      }
    }

    private Client hungry(long guarantee) {
      Client client = new Client(guarantee);
      client.subscription.request(MANY);
      return client;
    }

    @Test
    void limitsBestEffortToTheHeadroomOnceTheCapacityIsKnownDespitePastDelivery() {
      // given a device of unknown capacity
      distributor.setCapacity(Double.NaN, 0.1);
      Client guaranteed = hungry(50 * SIZE);
      Client bestEffort = hungry(0);
      serve(200);

      // when
      distributor.setCapacity(64 * SIZE, 0.1);
      guaranteed.got.set(0);
      bestEffort.got.set(0);
      serve(1_000);

      // then the client receives 6.4 of 56.4 samples
      assertThat(bestEffort.got.get()).isBetween(105L, 120L);
    }

    @Test
    void keepsTheLastKnownCapacityWhileTheCapacityIsZero() {
      // given
      distributor.setCapacity(64 * SIZE, 0.1);
      Client guaranteed = hungry(50 * SIZE);
      Client bestEffort = hungry(0);

      // when the writer of a FIFO restarts ten times
      for (int i = 0; i < 10; i++) {
        distributor.setCapacity(0, 0.1);
        serve(100);
        distributor.setCapacity(64 * SIZE, 0.1);
      }

      // then
      assertThat(bestEffort.got.get()).isBetween(105L, 120L);
      assertThat(guaranteed.got.get()).isBetween(880L, 895L);
    }

    @Test
    void givesBestEffortTheHeadroomFractionBeforeTheCapacityIsKnown() {
      // given
      distributor.setCapacity(0, 0.1);
      hungry(90 * SIZE);
      Client bestEffort = hungry(0);

      // when
      serve(1_000);

      // then
      assertThat(bestEffort.got.get()).isBetween(95L, 105L);
    }

    @Test
    void reportsTheWaitOfTheNextBestEffortClient() {
      distributor.setCapacity(64 * SIZE, 0.1);
      assertThat(distributor.bestEffortWait()).isZero();
      Client waiting = hungry(0);
      now.addAndGet(3_000);
      assertThat(distributor.bestEffortWait()).isEqualTo(3_000);
      release(1, 1);
      assertThat(waiting.got).hasValue(1);
      assertThat(distributor.bestEffortWait()).isZero();
    }

    @Test
    void limitsABatchToTheClientsShareOfASecond() {
      // given a device of 1,000 samples per second, and clients with guarantees of 1 % and 99 %
      gives(1_000);
      Client small = new Client(10 * SIZE);
      new Client(990 * SIZE);

      // when a batch of 32 samples is ready
      small.subscription.request(32);
      release(1, 32);

      // then it is divided into four batches of at most 10 samples
      assertThat(small.offered).extracting(SampleBatch::samples).containsExactly(10, 10, 10, 2);
    }

    @Test
    void doesNotShortenBatchesWhileTheMeasuredCapacityIsTooLow() {
      // given a device with an estimate from before it became fast
      distributor.setCapacity(SIZE, 0.1);
      distributor.setReadRate(100_000 * SIZE);
      Client client = new Client(64);
      client.subscription.request(64);

      // when
      release(1, 32);

      // then
      assertThat(client.offered).extracting(SampleBatch::samples).containsExactly(32);
    }

    @Test
    void keepsTheBatchLengthWhileNoDeviceIsRead() {
      // given
      gives(100_000);
      Client client = new Client(64);
      client.subscription.request(64);

      // when
      distributor.setReadRate(0);
      release(1, 32);

      // then
      assertThat(client.offered).extracting(SampleBatch::samples).containsExactly(32);
    }

    @Test
    void limitsNoBatchToLessThanASample() {
      gives(1_000);
      Client tiny = new Client(1);
      new Client(1_000 * SIZE);
      tiny.subscription.request(2);
      release(1, 2);
      assertThat(tiny.offered).extracting(SampleBatch::samples).containsExactly(1, 1);
    }

    @Test
    void earlierBatchesDoNotDelayAClientAfterAClientWithALargeGuaranteeConnects() {
      // given a client with one sample per second that received long batches while it was alone
      gives(10_000);
      Client small = hungry(SIZE);
      release(10, 60);
      small.settle();

      // when a client with 10,000 samples per second connects
      Client heavy = hungry(10_000 * SIZE);
      small.got.set(0);
      serve(SAMPLES_OF_ITS_TURN);

      // then the first client receives its next sample when it is due: in a second of virtual time
      assertThat(small.got.get()).isPositive();
      assertThat(heavy.got.get()).isPositive();
    }

    /** In a second of virtual time, the client with the large guarantee receives 10,000 samples. */
    private static final int SAMPLES_OF_ITS_TURN = 10_010;
  }

  @Nested
  class OtherRates {

    private void serve(int samples) {
      for (int i = 0; i < samples; i++) {
        release(1, 1);
        clients.forEach(Client::settle);
      }
    }

    @Test
    void appliesAChangedGuaranteeImmediatelyToAWaitingClient() {
      // given two clients whose demand exceeds the rate
      Client changed = new Client(10);
      Client other = new Client(1_000);
      List.of(changed, other).forEach(c -> c.subscription.request(1_000_000));
      serve(1_010);
      assertThat(changed.got.get()).isBetween(9L, 11L);

      // when
      changed.subscription.change(3_000, Distributor.NO_CEILING);
      serve(4_000);

      // then its wait with the small guarantee does not delay it
      assertThat(changed.got.get()).isBetween(3_000L, 3_020L);
    }

    @Test
    void movesAClientBetweenBestEffortAndAGuarantee() {
      // given
      distributor.setCapacity(1_000, 0.1);
      Client changed = new Client(0);
      Client other = new Client(100);
      List.of(changed, other).forEach(c -> c.subscription.request(1_000_000));

      // when
      changed.subscription.change(300, Distributor.NO_CEILING);
      serve(400);
      assertThat(changed.got.get()).isBetween(295L, 305L);
      changed.subscription.change(0, Distributor.NO_CEILING);
      serve(400);

      // then
      assertThat(changed.got.get()).isBetween(490L, 510L);
    }

    @Test
    void removesAndSetsTheCeilingOfAConnectedClient() {
      // given a client that has reached its ceiling
      Client changed = new Client(distributor, 100, SIZE);
      changed.subscription.request(1_000);
      release(1, 1);
      changed.settle();
      release(5, 1);
      changed.settle();
      assertThat(changed.got).hasValue(1);

      // when
      changed.subscription.change(100, Distributor.NO_CEILING);

      // then
      assertThat(changed.got).hasValue(6);

      // when
      changed.settle();
      changed.subscription.change(100, SIZE);
      release(5, 1);
      changed.settle();

      // then
      assertThat(changed.got).hasValue(7);
    }

    @Test
    void countsBytesDueAtTheGuaranteeInForceAtEachTime() {
      Client client = new Client(100);
      client.subscription.request(1);
      now.addAndGet(2_000_000_000L);
      client.subscription.change(1_000, Distributor.NO_CEILING);
      now.addAndGet(1_000_000_000L);
      assertThat(client.subscription.owed()).isEqualTo(1_200);
    }
  }

  @Nested
  class WhenTheDeviceGivesLessThanIsPromised {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void insufficientCapacityReducesRatesProportionallyAndCountsAsShortfall() {
      // given guarantees of twice the capacity
      Client small = new Client(4L * SIZE);
      Client large = new Client(12L * SIZE);
      List.of(small, large).forEach(c -> c.subscription.request(1_000_000));

      // when
      for (int i = 1; i <= 8 * 100; i++) {
        now.set(i * SECOND / 8);
        release(1, 1);
        clients.forEach(Client::settle);
      }

      // then each client receives half of its guarantee over 100 s
      assertThat(small.got.get()).isBetween(199L, 201L);
      assertThat(large.got.get()).isBetween(599L, 601L);
      assertThat(small.subscription.shortfall() / SIZE).isBetween(190.0, 201.0);
      assertThat(large.subscription.shortfall() / SIZE).isBetween(580.0, 601.0);
    }
  }

  @Nested
  class TheWaits {

    private final List<Long> waits = new ArrayList<>();

    @Test
    void reportsOneWaitPerBatchFromDemandOrThePreviousBatch() {
      // given
      gives(1_000);
      distributor.onServed(waits::add);
      Client client = new Client(64);
      now.set(1_000);
      client.subscription.request(3);

      // when
      now.set(1_500);
      release(1, 2);
      now.set(1_700);
      release(1, 1);

      // then
      assertThat(waits).containsExactly(500L, 200L);
    }

    @Test
    void waitsExcludeTimeWithoutDemand() {
      // given
      distributor.onServed(waits::add);
      Client client = new Client(64);
      client.subscription.request(1);
      release(1, 2);

      // when
      now.set(1_000_000);
      client.subscription.request(1);

      // then
      assertThat(waits).containsExactly(0L, 0L);
    }

    @Test
    void waitsExcludeTimeInWhichTheClientDoesNotRead() {
      // given
      distributor.onServed(waits::add);
      Client stalled = new Client(64);
      stalled.subscription.request(IN_FLIGHT_SAMPLES + 1);
      release(IN_FLIGHT_SAMPLES + 1, 1);
      waits.clear();

      // when
      now.set(1_000_000);
      stalled.settle();

      // then
      assertThat(waits).containsExactly(0L);
    }
  }

  @Nested
  class ACeiling {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void deliversAtTheCeilingAndNeverAboveIt() {
      // given a ceiling of 16 samples per second, and unlimited demand
      Client capped = new Client(64, 16 * SIZE);
      capped.subscription.request(1_000_000);
      release(100, 10);
      assertThat(capped.got).as("the tokens in the bucket").hasValue(4);

      // when
      while (now.get() < 10 * SECOND) {
        capped.settle();
        now.set(capped.resumeAt);
        capped.subscription.resume();
        // then
        assertThat(capped.got.get() - 4).isLessThanOrEqualTo(16 * now.get() / SECOND + 1);
      }
      assertThat(capped.got.get()).isGreaterThanOrEqualTo(160);
    }

    @Test
    void anEarlyResumeDoesNotExceedTheCeiling() {
      Client capped = new Client(64, 16 * SIZE);
      capped.subscription.request(1_000_000);
      release(100, 1);
      capped.settle();
      capped.subscription.resume();
      assertThat(capped.got).hasValue(4);
    }

    @Test
    void samplesAboveACeilingGoToOtherClients() {
      Client capped = new Client(1_000, SIZE);
      Client other = new Client(1);
      capped.subscription.request(1_000_000);
      other.subscription.request(1_000_000);
      release(30, 1);
      assertThat(capped.got).hasValue(1);
      assertThat(other.got).hasValue(29);
    }

    @Test
    void aCeilingBelowOneSamplePerSecondDeliversWholeSamples() {
      Client capped = new Client(64, SIZE / 4);
      capped.subscription.request(1_000_000);
      release(10, 1);
      assertThat(capped.got).hasValue(1);
      assertThat(capped.resumeAt).isEqualTo(4 * SECOND);
      now.set(capped.resumeAt);
      capped.subscription.resume();
      assertThat(capped.got).hasValue(2);
    }
  }

  @Nested
  class Demand {

    @Test
    void deliversNoMoreThanTheDemand() {
      // given
      Client client = new Client(64);
      release(1, 10);

      // when
      client.subscription.request(3);

      // then
      assertThat(client.got).hasValue(3);
      assertThat(client.subscription.demand()).isZero();
      client.settle();
      release(1, 5);
      assertThat(client.got).hasValue(3);
    }

    @Test
    void addsRepeatedRequestsToTheDemand() {
      // given
      Client client = new Client(64);
      client.subscription.request(2);
      client.subscription.request(3);

      // when
      release(1, 10);

      // then
      assertThat(client.got).hasValue(5);
    }

    @Test
    void demandSaturatesAtTheMaximumLong() {
      // given
      Client client = new Client(64);
      client.subscription.request(Long.MAX_VALUE - 1);

      // when
      client.subscription.request(0xffff_ffffL);

      // then
      assertThat(client.subscription.demand()).isEqualTo(Long.MAX_VALUE);
      release(1, 4);
      assertThat(client.got).hasValue(4);
      assertThat(client.subscription.demand()).isEqualTo(Long.MAX_VALUE - 4);
    }

    @Test
    void servesPendingDemandFromLaterReleases() {
      // given
      Client client = new Client(64);
      client.subscription.request(2);
      assertThat(client.got).hasValue(0);
      assertThat(client.wakes).hasValue(0);

      // when
      release(3, 1);

      // then
      assertThat(client.got).hasValue(2);
      assertThat(client.wakes).hasPositiveValue();
    }

    @Test
    void endsTheStreamsDemandWhenAllDemandIsServed() {
      // given
      Client client = new Client(64);
      client.subscription.request(1);
      assertThat(stream.wantedFor()).isPositive();

      // when
      release(1, 1);

      // then
      assertThat(stream.wantedFor()).isZero();
    }

    @Test
    void takesNoSampleFromTheStreamWithoutDemand() {
      // given
      Client client = new Client(64);

      // when
      release(1, 3);

      // then
      assertThat(client.got).hasValue(0);
      assertThat(stream.readySize()).isEqualTo(3 * SIZE);
    }
  }

  @Nested
  class SeveralClients {

    @Test
    void clientsShareInProportionToTheirGuarantees() {
      // given
      Client one = new Client(100);
      Client three = new Client(300);
      one.subscription.request(Long.MAX_VALUE);
      three.subscription.request(Long.MAX_VALUE);

      // when
      for (int i = 0; i < 400; i++) {
        release(1, 1);
        one.settle();
        three.settle();
      }

      // then
      assertThat(one.got.get()).isBetween(98L, 102L);
      assertThat(one.got.get() + three.got.get()).isEqualTo(400);
    }

    @Test
    void clientsReceiveEachSampleOnceInStreamOrder() {
      // given
      List<Client> many = List.of(new Client(1), new Client(10), new Client(100));
      many.forEach(client -> client.subscription.request(1_000));

      // when
      Set<Long> offsets = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        release(1, 1 + i % 7);
        for (Client client : many) {
          long last = -1;
          for (SampleBatch batch : client.offered) {
            assertThat(batch.offset()).isGreaterThan(last);
            last = batch.offset();
            for (int s = 0; s < batch.samples(); s++) {
              assertThat(offsets.add(batch.offset() + (long) s * SIZE)).isTrue();
            }
          }
          client.settle();
        }
      }

      // then no sample is skipped
      long samples = many.stream().mapToLong(client -> client.got.get()).sum();
      assertThat(offsets).hasSize((int) samples);
      assertThat(offsets.stream().mapToLong(o -> o).max()).hasValue((samples - 1) * SIZE);
    }
  }

  @Nested
  class AClientThatStopsTaking {

    @Test
    void aStalledClientReceivesSamplesUpToTheInFlightLimit() {
      // given
      Client stalled = new Client(64);
      stalled.subscription.request(Long.MAX_VALUE);

      // when
      release(1, 63);
      release(10, 64);

      // then
      assertThat(stalled.subscription.inFlight()).isBetween(IN_FLIGHT * 3L / 4, (long) IN_FLIGHT);
      assertThat(stream.readySize()).isEqualTo((63 + 640 - stalled.got.get()) * SIZE);
    }

    @Test
    void countsBatchesAsInFlightUntilTheyAreWrittenOrDestroyed() {
      // given
      Client stalled = new Client(64);
      Client taker = new Client(64);
      stalled.subscription.request(2);
      taker.subscription.request(1);

      // when
      release(1, 3);
      taker.settle();

      // then
      assertThat(distributor.inFlight())
          .isPositive()
          .isEqualTo(stalled.subscription.inFlight())
          .isEqualTo(stalled.offered.stream().mapToLong(SampleBatch::memory).sum());
      stalled.leave();
      assertThat(distributor.inFlight()).isZero();
    }

    @Test
    void clientsWithoutDemandDoNotShortenTheBatchesOfAReadingClient() {
      // given
      gives(1_000_000);
      Client taker = new Client(64);
      for (int i = 1; i < MAX_CLIENTS; i++) {
        new Client(64);
      }
      taker.subscription.request(Long.MAX_VALUE);

      // when
      release(1, 16);

      // then
      assertThat(taker.offered).extracting(SampleBatch::samples).containsExactly(16);
    }

    @Test
    void eachClientReceivesItsEqualPartWhenOthersHoldAllTheSlack() {
      // given
      List<Client> all = Stream.generate(() -> new Client(64)).limit(MAX_CLIENTS).toList();
      for (Client first : all.subList(0, MAX_CLIENTS / 2)) {
        first.subscription.request(Long.MAX_VALUE);
        release(IN_FLIGHT_SAMPLES, 1);
        Sources.clear(stream);
      }

      // when
      Client last = all.getLast();
      last.subscription.request(Long.MAX_VALUE);
      release(IN_FLIGHT_SAMPLES, 1);

      // then
      long part = MEMORY * 5 / 8 / MAX_CLIENTS;
      assertThat(distributor.inFlight()).isLessThanOrEqualTo(MEMORY * 3 / 4);
      assertThat(last.subscription.inFlight()).isBetween(part * 3 / 4 - SAMPLE_MEMORY, part);
    }

    @Test
    void stalledClientsWithinTheirEqualPartsLeaveTheSlackToAReadingClient() {
      // given clients that together hold more than the slack, but no more than their parts
      gives(1_000_000);
      List<Client> all = Stream.generate(() -> new Client(64)).limit(MAX_CLIENTS).toList();
      List<Client> stalled = all.subList(1, MAX_CLIENTS);
      stalled.forEach(client -> client.subscription.request(2));
      release(2 * MAX_CLIENTS, 1);
      Sources.clear(stream);
      assertThat(distributor.inFlight()).isGreaterThan(MEMORY / 8);

      // when
      now.addAndGet(TimeUnit.SECONDS.toNanos(1));
      distributor.findStalled();
      Client taker = all.getFirst();
      taker.subscription.request(Long.MAX_VALUE);
      release(1, 16);
      int before = taker.offered.element().samples();
      Sources.clear(stream);
      taker.settle();
      now.incrementAndGet();
      distributor.findStalled();
      release(1, 16);

      // then
      assertThat(before).as("samples in a batch before the others count as stalled").isLessThan(4);
      assertThat(taker.offered).extracting(SampleBatch::samples).containsExactly(16);
    }

    @Test
    void stalledClientsAboveTheirEqualPartsLeaveSlackToAReadingClient() {
      // given a client that has read more than the kernel buffers, and others that read nothing
      gives(1_000_000);
      List<Client> all = Stream.generate(() -> new Client(64)).limit(MAX_CLIENTS).toList();
      Client reader = all.getFirst();
      reader.subscription.request(Long.MAX_VALUE);
      while (reader.got.get() < 8 * 1_024) {
        release(1, 1);
        reader.settle();
      }
      for (Client stalled : all.subList(1, MAX_CLIENTS)) {
        stalled.subscription.request(Long.MAX_VALUE);
        for (int i = 0; i < 10; i++) {
          release(1, 8);
          reader.settle();
        }
      }
      Sources.clear(stream);

      // when the others count as stalled
      now.addAndGet(TimeUnit.SECONDS.toNanos(1) + 1);
      distributor.findStalled();
      release(1, 16);

      // then the reading client receives more than its equal part
      assertThat(reader.offered).extracting(SampleBatch::samples).containsExactly(16);
    }

    @Test
    void dividesMemoryEquallyAndReassignsThePartsOfDisconnectedClients() {
      // given twice as many clients as the memory permits at the maximum of each
      List<Client> many = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        many.add(new Client(64));
      }
      many.forEach(client -> client.subscription.request(Long.MAX_VALUE));

      // when
      release(1_000, 1);

      // then each client holds its part of the shared memory
      assertThat(many)
          .allSatisfy(c ->
              assertThat(c.subscription.inFlight())
                  .isBetween(IN_FLIGHT * 15L / 32, IN_FLIGHT * 5L / 8));

      // and the remaining client receives the parts of disconnected clients
      many.subList(1, 8).forEach(client -> client.subscription.cancel());
      many.getFirst().settleOne();
      assertThat(many.getFirst().subscription.inFlight())
          .isBetween(IN_FLIGHT * 3L / 4, (long) IN_FLIGHT);
    }

    @Test
    void aClientHoldsOnlyTheMemoryOfItsOwnSamplesOfALargeSlab() {
      // given many clients that each take one sample of a slab with 63
      List<Client> many = new ArrayList<>();
      for (int i = 0; i < 63; i++) {
        Client client = new Client(64);
        client.subscription.request(1);
        many.add(client);
      }

      // when
      release(1, 63);

      // then they pin no other memory of the slab
      assertThat(many)
          .allSatisfy(c -> assertThat(c.subscription.inFlight()).isEqualTo(SAMPLE_MEMORY));
    }

    @Test
    void stalledClientsTogetherHoldAtMostTheMemoryLimitPlusOneSampleEach() {
      // given
      Distributor bounded = new Distributor(stream, now::get, IN_FLIGHT, MEMORY, MAX_CLIENTS);

      // when each client fills its part before the next one connects
      for (int i = 0; i < MAX_CLIENTS - 1; i++) {
        Client client = new Client(bounded, 64, Distributor.NO_CEILING);
        client.subscription.request(Long.MAX_VALUE);
        release(IN_FLIGHT_SAMPLES, 1);
        Sources.clear(stream);
      }

      // then only the one sample that each client may always hold exceeds the limit
      assertThat(bounded.inFlight())
          .isBetween(MEMORY * 3 / 4, MEMORY + MAX_CLIENTS * (long) SAMPLE_MEMORY);
    }

    @Test
    void aNewClientReceivesItsReserveWhenOtherClientsHaveFilledTheirParts() {
      // given clients that have each filled their part before the next one connected
      Distributor bounded = new Distributor(stream, now::get, IN_FLIGHT, 10L * IN_FLIGHT, 20);
      long reserve = 10L * IN_FLIGHT / 4 / 20;
      for (int i = 0; i < 19; i++) {
        Client client = new Client(bounded, 64, Distributor.NO_CEILING);
        client.subscription.request(Long.MAX_VALUE);
        release(IN_FLIGHT_SAMPLES, 1);
        Sources.clear(stream);
      }

      // when another client connects
      Client late = new Client(bounded, 64, Distributor.NO_CEILING);
      late.subscription.request(Long.MAX_VALUE);
      release(IN_FLIGHT_SAMPLES, 1);

      // then
      assertThat(late.subscription.inFlight()).isGreaterThanOrEqualTo(reserve * 3 / 4);
    }

    @Test
    void deliversOneSampleAtATimeWhenTheMemoryLimitIsBelowOneSample() {
      // given
      Client client =
          new Client(
              new Distributor(stream, now::get, IN_FLIGHT, 1, MAX_CLIENTS),
              64,
              Distributor.NO_CEILING);
      client.subscription.request(10);

      // when
      release(1, 10);

      // then
      assertThat(client.got).hasValue(1);
      client.settleOne();
      assertThat(client.got).hasValue(2);
    }

    @Test
    void resumesDeliveryWhenAStalledClientCompletesAWrite() {
      // given
      Client slow = new Client(64);
      slow.subscription.request(Long.MAX_VALUE);
      release(2 * IN_FLIGHT_SAMPLES, 1);
      assertThat(slow.got).hasValue(IN_FLIGHT_SAMPLES);

      // when
      slow.settleOne();

      // then
      assertThat(slow.got).hasValue(IN_FLIGHT_SAMPLES + 1);
    }

    @Test
    void aStalledClientDoesNotDelayOthers() {
      // given
      Client stalled = new Client(1_000_000);
      stalled.subscription.request(Long.MAX_VALUE);
      Client other = new Client(1);
      other.subscription.request(1_000);
      release(IN_FLIGHT_SAMPLES, 1);

      // when
      for (int i = 0; i < 200; i++) {
        release(1, 1);
        other.settle();
      }

      // then
      assertThat(stalled.got).hasValue(IN_FLIGHT_SAMPLES);
      assertThat(other.got).hasValue(200);
    }

    @Test
    void servesTheLastOf201ClientsWhileNoClientCompletesAWrite() {
      // given more clients than one pass serves, and another one after them
      for (int i = 0; i < 200; i++) {
        new Client(1_000).subscription.request(1);
      }
      Client last = new Client(1);
      last.subscription.request(1);

      // when there is a sample for each, and no client completes a write
      release(1, 201);

      // then
      assertThat(last.got).hasValue(1);
      assertThat(last.wakes).hasPositiveValue();
      assertThat(stream.readySize()).isZero();
    }
  }

  @Nested
  class AnEventLoop {

    @Test
    void returnsToTheEventLoopAfter64Batches() {
      // given many batches, which are small enough for one client to take all
      SampleBuffer small = Sources.stream(64);
      Client client =
          new Client(
              new Distributor(small, now::get, IN_FLIGHT, MEMORY, MAX_CLIENTS),
              64,
              Distributor.NO_CEILING);
      for (int i = 0; i < 150; i++) {
        Sources.release(small, 1);
      }
      client.resumeAt = Long.MAX_VALUE;

      // when
      client.subscription.request(150);

      // then it resumes with the rest
      assertThat(client.got).hasValue(64);
      assertThat(client.resumeAt).isEqualTo(now.get());
      client.subscription.resume();
      assertThat(client.got).hasValue(128);
      client.resumeAt = Long.MAX_VALUE;
      client.subscription.resume();
      assertThat(client.got).hasValue(150);
      assertThat(client.resumeAt).isEqualTo(Long.MAX_VALUE);
      Sources.close(small);
    }
  }

  @Nested
  class AClientThatLeaves {

    @Test
    void offersNothingToADisconnectedClient() {
      // given
      Client client = new Client(64);
      client.subscription.request(10);
      release(1, 1);
      assertThat(client.got).hasValue(1);

      // when
      client.leave();
      client.subscription.request(10);
      release(1, 5);

      // then
      assertThat(client.got).hasValue(1);
      assertThat(stream.readySize()).isEqualTo(5 * SIZE);
    }

    @Test
    void servesTheOtherClientsAfterAClientDisconnects() {
      // given
      Client leaving = new Client(64);
      leaving.subscription.request(10);
      Client staying = new Client(64);
      staying.subscription.request(4);

      // when
      leaving.leave();
      release(1, 10);

      // then
      assertThat(staying.got).hasValue(4);
    }

    @Test
    void endsTheStreamsDemandWhenTheLastClientDisconnects() {
      // given
      Client client = new Client(64);
      client.subscription.request(10);
      assertThat(stream.wantedFor()).isPositive();

      // when
      client.leave();

      // then
      assertThat(stream.wantedFor()).isZero();
    }
  }

  @Nested
  class UnderFire {

    private static final int THREADS = 4;
    private static final int RUNS_A_THREAD = 5_000;

    @Test
    void concurrentUseOffersEverySampleOnceAndTerminates() throws InterruptedException {
      // given readers that release samples, and clients that request, settle, disconnect and
      // reconnect
      Collection<long[]> taken = new ConcurrentLinkedQueue<>();
      AtomicBoolean over = new AtomicBoolean();
      CountDownLatch released = new CountDownLatch(THREADS);
      List<Thread> takers = new ArrayList<>();
      AtomicLong asked = new AtomicLong();
      for (int i = 0; i < THREADS; i++) {
        Random random = new Random(i);
        takers.add(Thread.ofPlatform().daemon().start(() -> ask(random, over, taken, asked)));
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              for (int batch = 0; batch < RUNS_A_THREAD; batch++) {
                Sources.release(stream, 1 + random.nextInt(3));
              }
              released.countDown();
            });
      }

      // when all samples are released and all requests served
      released.await();
      await("the clients take all released samples")
          .atMost(Duration.ofSeconds(30))
          .until(() -> stream.readySize() == 0);
      over.set(true);
      for (Thread taker : takers) {
        taker.join(Duration.ofSeconds(30));
        assertThat(taker.isAlive()).isFalse();
      }

      // then
      long samples = taken.stream().mapToLong(batch -> batch[1]).sum();
      Set<Long> offsets = new HashSet<>();
      for (long[] batch : taken) {
        for (int s = 0; s < batch[1]; s++) {
          assertThat(offsets.add(batch[0] + (long) s * SIZE)).as("offset of a sample").isTrue();
        }
      }
      assertThat(offsets).hasSize((int) samples);
      assertThat(offsets.stream().mapToLong(o -> o).max()).hasValue((samples - 1) * SIZE);
      assertThat(samples)
          .isGreaterThanOrEqualTo(THREADS * RUNS_A_THREAD)
          .isLessThanOrEqualTo(asked.get());
    }

    private void ask(
        Random random, AtomicBoolean over, Collection<long[]> taken, AtomicLong asked) {
      while (!over.get()) {
        Queue<SampleBatch> offered = new ConcurrentLinkedQueue<>();
        Distributor.Subscription subscription =
            distributor.subscribe(
                random.nextInt(1_000),
                Distributor.NO_CEILING,
                new Recipient() {
                  @Override
                  public void offer(SampleBatch batch) {
                    offered.add(batch);
                  }

                  @Override
                  public void wake() {}

                  @Override
                  public void resumeAfter(long nanos) {}
                });
        for (int i = random.nextInt(200); i > 0; i--) {
          int demand = 1 + random.nextInt(20);
          asked.addAndGet(demand);
          subscription.request(demand);
          if (random.nextInt(3) != 0) {
            settle(offered, subscription, taken);
          }
        }
        subscription.cancel();
        settle(offered, subscription, taken);
      }
    }

    private void settle(
        Queue<SampleBatch> offered,
        Distributor.Subscription subscription,
        Collection<long[]> taken) {
      long last = -1;
      for (SampleBatch batch = offered.poll(); batch != null; batch = offered.poll()) {
        assertThat(batch.offset()).as("a client's batches are in order").isGreaterThan(last);
        last = batch.offset();
        taken.add(new long[] {batch.offset(), batch.samples()});
        batch.release();
        subscription.acknowledge(batch);
      }
    }
  }
}
