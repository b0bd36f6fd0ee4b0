// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CeilingsTest {

  private static final Ceilings.Key CLIENT = new Ceilings.Key("web-1", false);

  private final AtomicLong now = new AtomicLong();
  private final Ceilings ceilings = new Ceilings(100, now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void allowABurstOfOneSecond() {
    assertThat(ceilings.take(CLIENT, 1_000, 1_000)).isEmpty();
    assertThat(ceilings.take(CLIENT, 1_000, 500)).contains(Duration.ofMillis(500));
    pass(Duration.ofMillis(500));
    assertThat(ceilings.take(CLIENT, 1_000, 500)).isEmpty();
  }

  @Test
  void allowOneSampleAtALowCeiling() {
    assertThat(ceilings.take(CLIENT, 1, 100)).isEmpty();
    assertThat(ceilings.take(CLIENT, 1, 100)).contains(Duration.ofSeconds(100));
  }

  @Test
  void letOneAnswerExceedTheBurstAndDelayTheNextOne() {
    assertThat(ceilings.take(CLIENT, 1_000, 10_000)).isEmpty();
    assertThat(ceilings.take(CLIENT, 1_000, 1)).contains(Duration.ofMillis(9_001));
  }

  @Test
  void takeNothingInACheck() {
    assertThat(ceilings.check(CLIENT, 1_000, 1_000)).isEmpty();
    assertThat(ceilings.take(CLIENT, 1_000, 1_000)).isEmpty();
    assertThat(ceilings.check(CLIENT, 1_000, 1_000)).contains(Duration.ofSeconds(1));
  }

  @Test
  void keepWhatAClientHasTakenWhenItsCeilingChanges() {
    assertThat(ceilings.take(CLIENT, 1_000, 3_000)).isEmpty();
    assertThat(ceilings.take(CLIENT, 2_000, 1)).isPresent();
    assertThat(ceilings.take(CLIENT, 1_000, 1)).contains(Duration.ofMillis(2_001));
    pass(Duration.ofSeconds(3));
    assertThat(ceilings.take(CLIENT, 500, 500)).isEmpty();
    assertThat(ceilings.take(CLIENT, 1_000, 500)).contains(Duration.ofMillis(500));
  }

  @Test
  void separateTheAnonymousMachinesFromAClientOfTheSameName() {
    Ceilings.Key machines = new Ceilings.Key("pollinate", true);
    assertThat(ceilings.take(machines, 1_000, 1_000)).isEmpty();
    assertThat(ceilings.take(machines, 1_000, 1)).isPresent();
    assertThat(ceilings.take(new Ceilings.Key("pollinate", false), 1_000, 1_000)).isEmpty();
  }
}
