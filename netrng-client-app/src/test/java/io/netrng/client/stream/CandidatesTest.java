package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.stream.Candidates.Candidate;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CandidatesTest {

  private static final ServerAddress FIRST = new ServerAddress("192.0.2.1", 8989);
  private static final ServerAddress SECOND = new ServerAddress("192.0.2.2", 8989);

  private final Candidates candidates = new Candidates(List.of(FIRST, SECOND), 0, new Random(1));

  @Test
  void thePreferredIsTriedFirstThenTheNextThenTheEarliest() {
    Candidate first = candidates.next(0);
    assertThat(first.server()).isEqualTo(FIRST);
    Duration longer = first.failed(0, Duration.ofSeconds(100));
    Candidate second = candidates.next(0);
    assertThat(second.server()).isEqualTo(SECOND);
    Duration shorter = second.failed(0, Duration.ofSeconds(10));
    assertThat(candidates.next(0).server()).isEqualTo(SECOND);
    assertThat(candidates.next(0).nanosToWait(0)).isEqualTo(shorter.toNanos());
    assertThat(candidates.next(longer.toNanos()).server()).isEqualTo(FIRST);
  }

  @Property
  void thePauseDoublesWithJitterUpToFifteenSeconds(
      @ForAll @IntRange(max = 100) int failures, @ForAll long seed) {
    Candidate candidate = new Candidates(List.of(FIRST), 0, new Random(seed)).next(0);
    Duration pause = candidate.failed(0, Duration.ZERO);
    for (int i = 0; i < failures; i++) {
      pause = candidate.failed(0, Duration.ZERO);
    }
    long most = Math.min(15_000, 500L << Math.min(failures, 20));
    assertThat(pause).isBetween(Duration.ofMillis(most / 2), Duration.ofMillis(most));
  }

  @Property
  void theServersTimeIsAFloor(
      @ForAll @LongRange(max = 0xffff_fffeL) long millis, @ForAll long seed) {
    Candidate candidate = new Candidates(List.of(FIRST), 0, new Random(seed)).next(0);
    Duration floor = Duration.ofMillis(millis);
    assertThat(candidate.failed(0, floor)).isGreaterThanOrEqualTo(floor);
  }

  @Test
  void aServerThatHasProvedItselfStartsOver() {
    Candidate candidate = candidates.next(0);
    for (int i = 0; i < 10; i++) {
      candidate.failed(0, Duration.ZERO);
    }
    candidate.proved();
    assertThat(candidate.failed(0, Duration.ZERO)).isLessThan(Duration.ofMillis(500));
  }

  @Test
  void deadMachinesAtTheHeadOfTheListDoNotKeepTheClientFromTheNext() {
    // given two that take longer to time out than either is left in peace
    ServerAddress third = new ServerAddress("192.0.2.3", 8989);
    Candidates three = new Candidates(List.of(FIRST, SECOND, third), 0, new Random(1));
    long timeout = Duration.ofSeconds(5).toNanos();

    // when
    Candidate first = three.next(0);
    first.failed(timeout, Duration.ZERO);
    Candidate second = three.next(timeout);
    second.failed(2 * timeout, Duration.ZERO);

    // then
    assertThat(first.nanosToWait(2 * timeout)).isZero();
    assertThat(three.next(2 * timeout).server()).isEqualTo(third);
  }

  @Test
  void theOrderOfPreferenceHoldsAgainOnceAServerHasProvedItself() {
    // given
    candidates.next(0).failed(0, Duration.ZERO);
    candidates.next(0).failed(0, Duration.ZERO);
    long later = Duration.ofMinutes(1).toNanos();
    candidates.next(later).failed(later, Duration.ZERO);
    Candidate second = candidates.next(later);
    assertThat(second.server()).isEqualTo(SECOND);

    // when
    second.proved();
    second.failed(2 * later, Duration.ZERO);

    // then
    assertThat(candidates.next(2 * later).server()).isEqualTo(FIRST);
  }

  @Test
  void whenThePausesAreEndedTheOrderOfPreferenceHoldsAtOnce() {
    Candidate first = candidates.next(0);
    first.failed(0, Duration.ofHours(1));
    candidates.next(0).failed(0, Duration.ofHours(1));

    candidates.endPauses(1);

    assertThat(candidates.next(1)).isSameAs(first);
    assertThat(first.nanosToWait(1)).isZero();
  }

  @Test
  void onlyServersBeforeOneAndOutOfTheirPauseArePreferredToIt() {
    ServerAddress third = new ServerAddress("192.0.2.3", 8989);
    Candidates three = new Candidates(List.of(FIRST, SECOND, third), 0, new Random(1));
    Candidate first = three.next(0);
    first.failed(0, Duration.ofSeconds(100));
    Candidate second = three.next(0);
    second.failed(0, Duration.ofSeconds(10));
    Candidate last = three.next(0);

    assertThat(three.isFirst(first)).isTrue();
    assertThat(three.isFirst(second)).isFalse();
    assertThat(three.preferredTo(last, 0)).isEmpty();
    assertThat(three.preferredTo(last, Duration.ofSeconds(20).toNanos())).containsSame(second);
    assertThat(three.preferredTo(second, Duration.ofSeconds(20).toNanos())).isEmpty();
    assertThat(three.preferredTo(last, Duration.ofSeconds(200).toNanos())).containsSame(first);
  }
}
