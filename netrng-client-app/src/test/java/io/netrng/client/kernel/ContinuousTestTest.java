// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ContinuousTestTest {

  private final ContinuousTest test = new ContinuousTest();

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  @Test
  void failsWithTheSixthEqualByteInARowAlsoAcrossPieces() {
    assertThat(test.passes(bytes(1, 7, 7, 7))).isTrue();
    assertThat(test.passes(bytes(7, 7))).isTrue();
    assertThat(test.passes(bytes(7, 2))).isFalse();
    assertThat(test.passes(bytes(7, 7, 7, 7, 7))).isTrue();
  }

  @Test
  void countsZerosInARow() {
    assertThat(test.passes(bytes(0, 0, 0, 0, 0))).isTrue();
    assertThat(test.passes(bytes(0))).isFalse();
  }

  @Test
  void failsWithTheNineteenthByteOfAWindowThatEqualsItsFirst() {
    for (int i = 0; i < ContinuousTest.PROPORTION - 1; i++) {
      assertThat(test.passes(bytes(9, 1 + i % 3))).isTrue();
    }
    assertThat(test.passes(bytes(9))).isFalse();
  }

  @Test
  void aNewWindowIsCountedFromItsOwnFirstByte() {
    for (int i = 0; i < ContinuousTest.WINDOW - 10; i++) {
      assertThat(test.passes(bytes(i))).isTrue();
    }
    for (int i = 0; i < 10; i++) {
      assertThat(test.passes(bytes(i % 2))).isTrue();
    }
    // The window that begins here has a first byte of 200.
    assertThat(test.passes(bytes(200))).isTrue();
    for (int i = 0; i < 30; i++) {
      assertThat(test.passes(bytes(0, 100))).isTrue();
    }
  }

  @Test
  void passesAMegabyteOfRandomBytes() {
    byte[] random = new byte[1 << 20];
    RandomGenerator.of("L64X128MixRandom").nextBytes(random);
    assertThat(test.passes(ByteBuffer.allocateDirect(random.length).put(random).flip())).isTrue();
  }

  /** P(X &gt; 18) is at most 2⁻⁴⁰, and P(X &gt; 17) is more, for 512 bytes of 8 bits each. */
  @Test
  void theProportionFailsByChanceWithTheStatedProbability() {
    BigDecimal limit = new BigDecimal(2).pow(-40, MathContext.DECIMAL128);
    assertThat(moreThan(ContinuousTest.PROPORTION - 1)).isLessThanOrEqualTo(limit);
    assertThat(moreThan(ContinuousTest.PROPORTION - 2)).isGreaterThan(limit);
  }

  private static BigDecimal moreThan(int k) {
    MathContext precision = MathContext.DECIMAL128;
    BigDecimal p = new BigDecimal(1).divide(new BigDecimal(256));
    BigDecimal q = BigDecimal.ONE.subtract(p);
    BigDecimal ways = BigDecimal.ONE;
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i <= ContinuousTest.WINDOW; i++) {
      if (i > k) {
        BigDecimal exactly =
            ways.multiply(p.pow(i, precision))
                .multiply(q.pow(ContinuousTest.WINDOW - i, precision));
        sum = sum.add(exactly, precision);
      }
      ways =
          ways.multiply(new BigDecimal(ContinuousTest.WINDOW - i))
              .divide(new BigDecimal(i + 1), precision);
    }
    return sum;
  }
}
