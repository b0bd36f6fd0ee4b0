// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netrng.server.session.History.Point;
import org.junit.jupiter.api.Test;

class HistoryTest {

  private static final long SECOND = 1_000_000_000L;

  private final History history = new History(0);
  private long delivered;
  private double owed;
  private double shortfall;
  private int second;

  /** So many seconds in which so many bytes are delivered, due and missed. */
  private void pass(int seconds, long given, double due, double missed) {
    for (int i = 0; i < seconds; i++) {
      delivered += given;
      owed += due;
      shortfall += missed;
      history.tell(new Point(++second * SECOND, delivered, owed, shortfall));
    }
  }

  @Test
  void aNewHistoryHasZeroRatesAndFullAttainment() {
    assertThat(history.shortRate()).isZero();
    assertThat(history.longRate()).isZero();
    assertThat(history.attainment()).isEqualTo(1);
  }

  @Test
  void ratesCoverTheTimeSinceTheConnectionWhenItIsShorterThanTheWindow() {
    pass(3, 100, 0, 0);
    assertThat(history.shortRate()).isEqualTo(100);
    assertThat(history.longRate()).isEqualTo(100);
  }

  @Test
  void theShortRateCoversTheLastTenSeconds() {
    pass(60, 1_000, 0, 0);
    pass(5, 0, 0, 0);
    assertThat(history.shortRate()).isEqualTo(500);
    pass(5, 0, 0, 0);
    assertThat(history.shortRate()).isZero();
  }

  @Test
  void theShortAttainmentCoversTheLastTenSeconds() {
    pass(60, 0, 100, 0);
    pass(5, 0, 100, 100);
    assertThat(history.shortAttainment()).isEqualTo(0.5);
    assertThat(history.attainment()).isGreaterThan(0.9);
    pass(5, 0, 100, 100);
    assertThat(history.shortAttainment()).isZero();
    pass(10, 0, 100, 0);
    assertThat(history.shortAttainment()).isEqualTo(1);
  }

  @Test
  void theLongRateCoversTheLastFiveMinutes() {
    pass(600, 1_000, 0, 0);
    pass(150, 0, 0, 0);
    assertThat(history.longRate()).isCloseTo(500, within(17.0));
    pass(150, 0, 0, 0);
    assertThat(history.longRate()).isZero();
  }

  @Test
  void theAttainmentIsTheShareOfTheBytesDueThatWasDelivered() {
    pass(300, 75, 100, 25);
    assertThat(history.attainment()).isCloseTo(0.75, within(1e-9));
    pass(300, 100, 100, 0);
    assertThat(history.attainment()).isEqualTo(1);
    pass(300, 0, 0, 0);
    assertThat(history.attainment()).isEqualTo(1);
  }
}
