// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The order of SRV records (RFC 2782). */
class SrvOrderPropertiesTest {

  private static final int CLIENTS = 20_000;

  private static SrvRecord entry(int priority, int weight, int host) {
    return new SrvRecord(priority, weight, new ServerAddress("rng-" + host, 8989));
  }

  @Provide
  Arbitrary<List<SrvRecord>> answers() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 65_535),
            Arbitraries.integers().between(0, 1_000))
        .as(SrvOrderPropertiesTest::entry)
        .list()
        .ofMaxSize(30)
        .uniqueElements(SrvRecord::target);
  }

  @Property
  void allTargetsAreOrderedByPriority(
      @ForAll("answers") List<SrvRecord> records, @ForAll long seed) {
    Map<ServerAddress, Integer> priorities = new HashMap<>();
    records.forEach(it -> priorities.put(it.target(), it.priority()));

    List<ServerAddress> order = new SrvOrder(new Random(seed)).order(records);

    assertThat(order).containsExactlyInAnyOrderElementsOf(priorities.keySet());
    assertThat(order.stream().map(priorities::get)).isSorted();
  }

  @Property
  void theOrderDependsOnlyOnTheAnswersContent(
      @ForAll("answers") List<SrvRecord> records, @ForAll long seed) {
    SrvOrder order = new SrvOrder(new Random(seed));
    List<ServerAddress> first = order.order(records);
    List<SrvRecord> shuffled = new ArrayList<>(records);
    Collections.shuffle(shuffled, new Random(seed));

    assertThat(order.order(shuffled)).isEqualTo(first);
  }

  @Property
  void aFurtherServerDoesNotChangeTheOrderOfTheOthers(
      @ForAll("answers") List<SrvRecord> records, @ForAll long seed) {
    SrvOrder order = new SrvOrder(new Random(seed));
    List<ServerAddress> first = order.order(records);
    SrvRecord further = entry(0, 100, 1_001);
    List<SrvRecord> more = new ArrayList<>(records);
    more.add(further);

    List<ServerAddress> then = order.order(more);
    assertThat(then).contains(further.target());
    assertThat(then.stream().filter(target -> !target.equals(further.target())))
        .containsExactlyElementsOf(first);
  }

  private static Map<ServerAddress, Integer> firstChoices(List<SrvRecord> records) {
    Random random = new Random(1);
    Map<ServerAddress, Integer> choices = new HashMap<>();
    for (int i = 0; i < CLIENTS; i++) {
      choices.merge(new SrvOrder(random).order(records).getFirst(), 1, Integer::sum);
    }
    return choices;
  }

  @Example
  void clientsSpreadByWeight() {
    List<SrvRecord> records = List.of(entry(1, 10, 1), entry(1, 30, 2), entry(1, 60, 3));

    Map<ServerAddress, Integer> choices = firstChoices(records);

    for (SrvRecord it : records) {
      assertThat(choices.getOrDefault(it.target(), 0) / (double) CLIENTS)
          .isCloseTo(it.weight() / 100.0, within(0.015));
    }
  }

  @Example
  void theSecondChoiceIsByTheWeightsOfTheRest() {
    List<SrvRecord> records = List.of(entry(1, 10, 1), entry(1, 30, 2), entry(1, 60, 3));
    Random random = new Random(2);
    int first = 0;
    int then = 0;
    for (int i = 0; i < CLIENTS; i++) {
      List<ServerAddress> order = new SrvOrder(random).order(records);
      if (order.getFirst().host().equals("rng-3")) {
        first++;
        then += order.get(1).host().equals("rng-2") ? 1 : 0;
      }
    }

    assertThat(then / (double) first).isCloseTo(0.75, within(0.015));
  }

  @Example
  void clientsSpreadEvenlyIfAllWeightsAreZero() {
    Map<ServerAddress, Integer> choices = firstChoices(List.of(entry(1, 0, 1), entry(1, 0, 2)));

    assertThat(choices.getOrDefault(new ServerAddress("rng-1", 8989), 0) / (double) CLIENTS)
        .isCloseTo(0.5, within(0.015));
  }

  @Example
  void aWeightOfZeroIsHardlyEverChosenBesideOthers() {
    Map<ServerAddress, Integer> choices = firstChoices(List.of(entry(1, 0, 1), entry(1, 1, 2)));

    assertThat(choices.getOrDefault(new ServerAddress("rng-1", 8989), 0)).isLessThan(CLIENTS / 100);
  }
}
