// SPDX-License-Identifier: Apache-2.0
package io.netrng.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

class DataRatePropertiesTest {

  @Property
  void parsesAFormattedRateBackToTheSameRate(@ForAll("rates") long bytesPerSecond) {
    // given
    DataRate rate = new DataRate(bytesPerSecond);

    // when
    DataRate read = DataRate.valueOf(rate.toString());

    // then
    assertThat(read).isEqualTo(rate);
  }

  @Property
  void comparesRatesByTheirBytesPerSecond(@ForAll("rates") long one, @ForAll("rates") long other) {
    assertThat(new DataRate(one).compareTo(new DataRate(other)))
        .isEqualTo(Long.compare(one, other));
  }

  @Property
  void parsesAnyTextOrRejectsItWithAnErrorThatQuotesIt(@ForAll("texts") String text) {
    try {
      assertThat(DataRate.valueOf(text).bytesPerSecond()).isNotNegative();
    } catch (IllegalArgumentException e) {
      assertThat(e).isExactlyInstanceOf(IllegalArgumentException.class);
      assertThat(e).hasMessageContaining("'" + text + "'");
    }
  }

  @Property
  void rejectsANegativeRate(@ForAll @LongRange(min = Long.MIN_VALUE, max = -1) long rate) {
    assertThatThrownBy(() -> new DataRate(rate))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @Provide
  Arbitrary<Long> rates() {
    Arbitrary<Long> any = Arbitraries.longs().between(0, Long.MAX_VALUE);
    Arbitrary<Long> round =
        Arbitraries.integers()
            .between(0, 4)
            .flatMap(prefix ->
                Arbitraries.longs()
                    .between(0, Long.MAX_VALUE >> (10 * prefix))
                    .map(amount -> amount << (10 * prefix)));
    return Arbitraries.oneOf(any, round);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(30),
        Arbitraries.strings().withChars("0123456789KMGTB/s -".toCharArray()).ofMaxLength(25),
        Arbitraries.strings().numeric().ofMaxLength(25).map(digits -> digits + "KB/s"));
  }
}
