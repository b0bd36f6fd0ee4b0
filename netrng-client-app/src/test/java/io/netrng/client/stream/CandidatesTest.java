// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.discovery.Server;
import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.stream.Candidates.Candidate;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CandidatesTest {

  private static final ServerAddress FIRST = new ServerAddress("192.0.2.1", 8989);
  private static final ServerAddress SECOND = new ServerAddress("192.0.2.2", 8989);

  private final Candidates candidates = new Candidates(List.of(FIRST, SECOND), 0, new Random(1));

  @Test
  void selectsThePreferredServerThenTheNextThenTheOneWhosePauseEndsFirst() {
    Candidate first = candidates.select(0).orElseThrow();
    assertThat(first.server()).isEqualTo(FIRST);
    Duration longer = first.recordFailure(0, Duration.ofSeconds(100));
    Candidate second = candidates.select(0).orElseThrow();
    assertThat(second.server()).isEqualTo(SECOND);
    Duration shorter = second.recordFailure(0, Duration.ofSeconds(10));
    assertThat(candidates.select(0).orElseThrow().server()).isEqualTo(SECOND);
    assertThat(candidates.select(0).orElseThrow().nanosToWait(0)).isEqualTo(shorter.toNanos());
    assertThat(candidates.select(longer.toNanos()).orElseThrow().server()).isEqualTo(FIRST);
  }

  @Nested
  class OfSeveralOrigins {

    private static final Server RECORD_ONE = discovered("192.0.2.1");
    private static final Server RECORD_TWO = discovered("192.0.2.2");
    private static final Server LISTED = Server.of(new ServerAddress("192.0.2.9", 8989), null);

    private static Server discovered(String host) {
      return new Server(new ServerAddress(host, 8989), "example.org", "example.org");
    }

    {
      candidates.update(List.of(RECORD_ONE, RECORD_TWO, LISTED), 0);
    }

    private Candidate used(Server server) {
      Candidate selected = candidates.select(0).orElseThrow();
      assertThat(selected.server()).isEqualTo(server.address());
      selected.use();
      return selected;
    }

    @Test
    void theNextStreamUsesAnotherOriginBeforeAnotherServerOfTheSame() {
      used(RECORD_ONE);
      used(LISTED);
      used(RECORD_TWO);
      assertThat(candidates.select(0)).isEmpty();
    }

    @Test
    void twoStreamsShareAnOriginWhileNoOtherIsUsable() {
      used(RECORD_ONE);
      Candidate listed = candidates.select(0).orElseThrow();
      Duration pause = listed.recordFailure(0, Duration.ZERO);
      Candidate second = used(RECORD_TWO);
      assertThat(candidates.findPreferredTo(second, 0)).isEmpty();

      assertThat(candidates.findPreferredTo(second, pause.toNanos())).contains(listed);
    }

    @Test
    void bothStreamsThatShareAnOriginReturnToAnother() {
      Candidate first = used(RECORD_ONE);
      Candidate listed = candidates.select(0).orElseThrow();
      listed.recordFailure(0, Duration.ofSeconds(1));
      used(RECORD_TWO);
      assertThat(candidates.isFirst(first)).isFalse();
    }

    @Test
    void aStreamDoesNotReturnToAServerOfTheOriginOfAnother() {
      Candidate first = used(RECORD_ONE);
      Candidate listed = used(LISTED);
      assertThat(candidates.findPreferredTo(listed, 0)).isEmpty();
      assertThat(candidates.isFirst(first)).isTrue();

      first.release();
      assertThat(candidates.findPreferredTo(listed, 0)).contains(first);
    }

    @Test
    void theOriginOfARemovedServerRemainsUsed() {
      used(RECORD_ONE);
      candidates.update(List.of(RECORD_TWO, LISTED), 0);
      used(LISTED);
    }

    @Test
    void aSingleStreamReturnsWithinItsOrigin() {
      Candidate first = candidates.select(0).orElseThrow();
      Duration pause = first.recordFailure(0, Duration.ZERO);
      Candidate second = used(RECORD_TWO);
      assertThat(candidates.findPreferredTo(second, pause.toNanos())).contains(first);
    }
  }

  @Property
  void thePauseDoublesWithJitterUpToFifteenSeconds(
      @ForAll @IntRange(max = 100) int failures, @ForAll long seed) {
    Candidate candidate =
        new Candidates(List.of(FIRST), 0, new Random(seed)).select(0).orElseThrow();
    Duration pause = candidate.recordFailure(0, Duration.ZERO);
    for (int i = 0; i < failures; i++) {
      pause = candidate.recordFailure(0, Duration.ZERO);
    }
    long most = Math.min(15_000, 500L << Math.min(failures, 20));
    assertThat(pause).isBetween(Duration.ofMillis(most / 2), Duration.ofMillis(most));
  }

  @Property
  void pausesForAtLeastTheRetryAfterOfAServer(
      @ForAll @LongRange(max = 0xffff_fffeL) long millis, @ForAll long seed) {
    Candidate candidate =
        new Candidates(List.of(FIRST), 0, new Random(seed)).select(0).orElseThrow();
    Duration floor = Duration.ofMillis(millis);
    assertThat(candidate.recordFailure(0, floor)).isGreaterThanOrEqualTo(floor);
  }

  @Test
  void resetsThePauseOfAHealthyServer() {
    Candidate candidate = candidates.select(0).orElseThrow();
    for (int i = 0; i < 10; i++) {
      candidate.recordFailure(0, Duration.ZERO);
    }
    candidate.markHealthy();
    assertThat(candidate.recordFailure(0, Duration.ZERO)).isLessThan(Duration.ofMillis(500));
  }

  @Test
  void selectsAnUntriedServerBeforeServersThatTimedOut() {
    // given two servers whose timeouts are longer than their backoffs
    ServerAddress third = new ServerAddress("192.0.2.3", 8989);
    Candidates three = new Candidates(List.of(FIRST, SECOND, third), 0, new Random(1));
    long timeout = Duration.ofSeconds(5).toNanos();

    // when
    Candidate first = three.select(0).orElseThrow();
    first.recordFailure(timeout, Duration.ZERO);
    Candidate second = three.select(timeout).orElseThrow();
    second.recordFailure(2 * timeout, Duration.ZERO);

    // then
    assertThat(first.nanosToWait(2 * timeout)).isZero();
    assertThat(three.select(2 * timeout).orElseThrow().server()).isEqualTo(third);
  }

  @Test
  void selectsByPreferenceAgainOnceAServerIsHealthy() {
    // given
    candidates.select(0).orElseThrow().recordFailure(0, Duration.ZERO);
    candidates.select(0).orElseThrow().recordFailure(0, Duration.ZERO);
    long later = Duration.ofMinutes(1).toNanos();
    candidates.select(later).orElseThrow().recordFailure(later, Duration.ZERO);
    Candidate second = candidates.select(later).orElseThrow();
    assertThat(second.server()).isEqualTo(SECOND);

    // when
    second.markHealthy();
    second.recordFailure(2 * later, Duration.ZERO);

    // then
    assertThat(candidates.select(2 * later).orElseThrow().server()).isEqualTo(FIRST);
  }

  @Test
  void selectsByPreferenceOnceThePausesAreEnded() {
    Candidate first = candidates.select(0).orElseThrow();
    first.recordFailure(0, Duration.ofHours(1));
    candidates.select(0).orElseThrow().recordFailure(0, Duration.ofHours(1));

    candidates.endPauses(1);

    assertThat(candidates.select(1)).containsSame(first);
    assertThat(first.nanosToWait(1)).isZero();
  }

  @Test
  void findsPreferredServersOnlyBeforeACandidateAndAfterTheirPause() {
    ServerAddress third = new ServerAddress("192.0.2.3", 8989);
    Candidates three = new Candidates(List.of(FIRST, SECOND, third), 0, new Random(1));
    Candidate first = three.select(0).orElseThrow();
    first.recordFailure(0, Duration.ofSeconds(100));
    Candidate second = three.select(0).orElseThrow();
    second.recordFailure(0, Duration.ofSeconds(10));
    Candidate last = three.select(0).orElseThrow();

    assertThat(three.isFirst(first)).isTrue();
    assertThat(three.isFirst(second)).isFalse();
    assertThat(three.findPreferredTo(last, 0)).isEmpty();
    assertThat(three.findPreferredTo(last, Duration.ofSeconds(20).toNanos())).containsSame(second);
    assertThat(three.findPreferredTo(second, Duration.ofSeconds(20).toNanos())).isEmpty();
    assertThat(three.findPreferredTo(last, Duration.ofSeconds(200).toNanos())).containsSame(first);
  }
}
