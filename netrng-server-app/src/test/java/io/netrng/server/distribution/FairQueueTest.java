// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netrng.server.distribution.FairQueue.Flow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FairQueueTest {

  private final FairQueue<String> queue = new FairQueue<>(100);

  private Flow<String> active(String name, double weight) {
    Flow<String> flow = queue.newFlow(name, weight, 100);
    queue.activate(flow);
    return flow;
  }

  private String serve(long length) {
    String name = Objects.requireNonNull(queue.head(), "nobody is active").subject();
    queue.serveHead(length, true);
    return name;
  }

  private List<String> serve(int times, long length) {
    List<String> served = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      served.add(serve(length));
    }
    return served;
  }

  @Nested
  class FlowsOfEqualWeight {

    @Test
    void servesFlowsOfEqualWeightInActivationOrder() {
      // given
      active("a", 10);
      active("b", 10);
      active("c", 10);

      // when, then
      assertThat(serve(7, 100)).containsExactly("a", "b", "c", "a", "b", "c", "a");
    }

    @Test
    void flowsOfEqualWeightShareBytesNotServices() {
      // given
      active("long", 10);
      active("short", 10);

      // when
      int longOnes = 0;
      int shortOnes = 0;
      for (int i = 0; i < 1_100; i++) {
        if (Objects.requireNonNull(queue.head()).subject().equals("long")) {
          queue.serveHead(1_000, true);
          longOnes++;
        } else {
          queue.serveHead(100, true);
          shortOnes++;
        }
      }

      // then
      assertThat(shortOnes).isBetween(10 * longOnes - 20, 10 * longOnes + 20);
    }
  }

  @Nested
  class FlowsOfDifferentWeight {

    @Test
    void servesFlowsInProportionToTheirWeights() {
      // given
      active("one", 1);
      active("three", 3);

      // when
      List<String> served = serve(400, 100);

      // then
      assertThat(served.stream().filter("three"::equals).count()).isBetween(299L, 301L);
    }
  }

  @Nested
  class ANewFlow {

    @Test
    void servesAnExistingFlowBeforeANewFlow() {
      // given
      active("a", 10);
      serve(5, 100);

      // when a flow becomes active, it already owes one sample
      active("new", 10);

      // then
      assertThat(serve(3, 100)).containsExactly("a", "new", "a");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.NEGATIVE_INFINITY})
    void rejectsAFlowWithoutAPositiveWeight(double weight) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> queue.newFlow("x", weight, 100))
          .withMessageContaining("weight");
    }
  }

  @Nested
  class WhenTheQueueHasRunEmpty {

    @Test
    void servicesWithoutCompetitionDoNotDelayAFlowBehindANewFlow() {
      // given a flow that received much while it was the only one
      Flow<String> alone = active("alone", 1);
      for (int i = 0; i < 100; i++) {
        serve(1_000);
      }
      queue.deactivate(alone);

      // when
      active("newcomer", 1);
      queue.activate(alone);

      // then
      assertThat(serve(4, 1_000)).contains("alone", "newcomer");
    }

    @Test
    void hasNoHeadAfterTheLastFlowBecomesInactive() {
      // given
      Flow<String> flow = active("a", 1);

      // when
      queue.serveHead(100, false);

      // then
      assertThat(queue.head()).isNull();
      assertThat(queue.size()).isZero();
      assertThat(flow.isActive()).isFalse();
    }
  }

  @Nested
  class Activity {

    @Test
    void repeatedActivationAndDeactivationHaveNoFurtherEffect() {
      // given
      Flow<String> a = active("a", 10);
      active("b", 10);

      // when
      queue.activate(a);
      queue.activate(a);

      // then
      assertThat(queue.size()).isEqualTo(2);
      assertThat(serve(4, 100)).containsExactly("a", "b", "a", "b");
      queue.deactivate(a);
      queue.deactivate(a);
      assertThat(queue.size()).isEqualTo(1);
      assertThat(serve(2, 100)).containsExactly("b", "b");
    }
  }
}
