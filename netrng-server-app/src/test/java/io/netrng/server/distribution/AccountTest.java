package io.netrng.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AccountTest {

  private static final int SAMPLE_SIZE = 100;
  private static final long GUARANTEE = 1_000;
  private static final double TOLERANCE = 2 * SAMPLE_SIZE + GUARANTEE;
  private static final long SECOND = 1_000_000_000L;

  private final Account account = new Account(GUARANTEE, SAMPLE_SIZE);

  @Test
  void aPromiseThatIsKeptLeavesNoShortfall() {
    account.waits(true, 0);
    for (int tenth = 1; tenth <= 100; tenth++) {
      account.waits(true, tenth * SECOND / 10);
      account.pay(100);
    }
    assertThat(account.shortfall(10 * SECOND)).isZero();
  }

  @Test
  void whoGetsHalfOfWhatWasPromisedMissesTheOtherHalf() {
    account.waits(true, 0);
    for (int second = 1; second <= 100; second++) {
      account.waits(true, second * SECOND);
      account.pay(500);
    }
    assertThat(account.shortfall(100 * SECOND)).isCloseTo(50_000 - TOLERANCE, within(501.0));
  }

  @Test
  void timeInWhichTheClientDidNotWaitIsNotOwed() {
    account.waits(true, 0);
    account.waits(false, SECOND);
    assertThat(account.shortfall(1_000 * SECOND)).isZero();
  }

  @Test
  void whatWasGivenBeyondThePromiseIsNoAdvance() {
    account.waits(true, 0);
    account.pay(1_000_000);
    assertThat(account.shortfall(10 * SECOND)).isCloseTo(10_000 - TOLERANCE, within(0.1));
  }

  @Test
  void whatFellDueIsTheGuaranteeInTheTimeThatTheClientWaited() {
    account.waits(true, 0);
    account.pay(1_000_000);
    account.waits(false, 3 * SECOND);
    account.waits(true, 5 * SECOND);
    assertThat(account.owed(6 * SECOND)).isCloseTo(4 * GUARANTEE, within(0.1));
  }

  @Test
  void anotherPromiseHoldsFromThenOn() {
    account.waits(true, 0);
    account.promise(10 * GUARANTEE, SECOND);
    assertThat(account.owed(2 * SECOND)).isCloseTo(11 * GUARANTEE, within(0.1));
  }

  @Test
  void bestEffortIsOwedNothing() {
    Account bestEffort = new Account(0, SAMPLE_SIZE);
    bestEffort.waits(true, 0);
    assertThat(bestEffort.shortfall(1_000 * SECOND)).isZero();
  }
}
