// SPDX-License-Identifier: Apache-2.0
package io.netrng.rate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

  private static final long SECOND = 1_000_000_000L;

  @Test
  void neverRunsOutWithAnInfiniteDepth() {
    TokenBucket bucket = new TokenBucket(Long.MAX_VALUE, Double.POSITIVE_INFINITY, 0);
    bucket.take(1L << 40);
    assertThat(bucket.available(1)).isEqualTo(Long.MAX_VALUE);
    assertThat(bucket.canHold(Long.MAX_VALUE)).isTrue();
    assertThat(bucket.nanosUntil(Long.MAX_VALUE)).isZero();
  }

  @Test
  void computesTheTimeUntilItHoldsEnoughTokens() {
    TokenBucket bucket = new TokenBucket(1_000, 8_192, 0);
    bucket.take(8_192);
    assertThat(bucket.nanosUntil(2_000)).isBetween(2 * SECOND, 2 * SECOND + 2);
    assertThat(bucket.available(2 * SECOND + 2)).isGreaterThanOrEqualTo(2_000);
    assertThat(bucket.canHold(8_192)).isTrue();
    assertThat(bucket.canHold(8_193)).isFalse();
  }

  @Property
  void grantsNoMoreThanTheRatePlusOneDepth(
      @ForAll @LongRange(min = 1, max = 10_000_000) long rate,
      @ForAll List<@IntRange(min = 1, max = 2_000_000_000) Integer> pauses) {
    long depth = Math.max(8_192, rate);
    TokenBucket bucket = new TokenBucket(rate, (double) depth, 0);
    long now = 0;
    long drawn = 0;
    for (int pause : pauses) {
      now += pause;
      long available = bucket.available(now);
      assertThat(available).isBetween(0L, depth);
      bucket.take(available);
      drawn += available;
      assertThat((double) drawn)
          .isLessThanOrEqualTo((double) depth + (double) rate * (double) now / 1e9 + 1);
    }
  }
}
