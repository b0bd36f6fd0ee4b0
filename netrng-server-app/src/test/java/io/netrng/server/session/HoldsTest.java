// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HoldsTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private long now = -1;
  private final Holds holds = new Holds(() -> now);

  @Test
  void aHoldAppliesOnlyToItsIdentityAndLabel() {
    holds.add("cluster", "web-1", MINUTE);
    assertThat(holds.left("cluster", "web-1")).hasValue(MINUTE);
    assertThat(holds.left("cluster", "web-2")).isEmpty();
    assertThat(holds.left("other", "web-1")).isEmpty();
  }

  @Test
  void aHoldExpiresAfterItsDuration() {
    holds.add("a", "a", MINUTE);
    now += MINUTE.toNanos() - 1;
    assertThat(holds.left("a", "a")).hasValue(Duration.ofNanos(1));
    now++;
    assertThat(holds.left("a", "a")).isEmpty();
    assertThat(holds.all()).isEmpty();
  }

  @Test
  void aNewHoldReplacesTheOldOneOfTheSameIdentityAndLabel() {
    holds.add("a", "a", MINUTE);
    holds.add("a", "a", MINUTE.multipliedBy(2));
    assertThat(holds.all())
        .singleElement()
        .satisfies(hold -> assertThat(hold.left()).isEqualTo(MINUTE.multipliedBy(2)));
  }

  @Test
  void liftsOnlyTheHoldWithTheGivenId() {
    holds.add("a", "a", MINUTE);
    holds.add("b", "b", MINUTE);
    String id =
        holds.all().stream()
            .filter(hold -> hold.label().equals("b"))
            .map(Holds.Hold::id)
            .findAny()
            .orElseThrow();
    assertThat(holds.lift(id)).hasValueSatisfying(h -> assertThat(h.identity()).isEqualTo("b"));
    assertThat(holds.lift(id)).isEmpty();
    assertThat(holds.left("a", "a")).isPresent();
    assertThat(holds.left("b", "b")).isEmpty();
  }
}
