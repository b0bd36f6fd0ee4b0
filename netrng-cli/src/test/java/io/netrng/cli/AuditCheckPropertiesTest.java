// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.cli.AuditSession.RecordType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The check finds an overlap exactly if there is one. */
class AuditCheckPropertiesTest {

  private static final int CLIENTS = 4;

  private record Run(RecordType type, UUID epoch, long session, long offset, int size) {}

  /**
   * Disjoint deliveries with holes, of several epochs and sessions; the clients log some of them.
   */
  private static List<Run> disjoint(Random random, int count) {
    List<Run> runs = new ArrayList<>();
    for (int epoch = 0; epoch < 2; epoch++) {
      long offset = random.nextInt(3);
      for (int i = 0; i < count; i++) {
        int size = 1 + random.nextInt(50);
        UUID name = new UUID(0, epoch);
        RecordType type = random.nextInt(9) == 0 ? RecordType.CAPTURED : RecordType.DELIVERED;
        long session = type == RecordType.CAPTURED ? 0 : 1 + random.nextInt(CLIENTS);
        runs.add(new Run(type, name, session, offset, size));
        if (type == RecordType.DELIVERED && random.nextBoolean()) {
          int first = 1 + random.nextInt(size);
          runs.add(new Run(RecordType.RECEIVED, name, session, offset, first));
          if (first < size) {
            runs.add(new Run(RecordType.RECEIVED, name, session, offset + first, size - first));
          }
        }
        offset += size + (random.nextBoolean() ? 0 : random.nextInt(20));
      }
    }
    return runs;
  }

  private static AuditCheck check(List<Run> runs) {
    AuditTrail trail = new AuditTrail();
    trail.beginFile("audit.log");
    for (Run run : runs) {
      trail.beginLine();
      trail.add(
          new AuditSession.Key(run.type, run.epoch, run.session, "peer-" + run.session),
          run.offset,
          run.offset,
          run.size,
          0,
          null);
    }
    return new AuditCheck(trail);
  }

  @Property(tries = 300)
  void disjointRecordsInAnyOrderPass(@ForAll long seed, @ForAll @IntRange(max = 300) int count) {
    Random random = new Random(seed);
    List<Run> runs = disjoint(random, count);
    Collections.shuffle(runs, random);

    AuditCheck check = check(runs);

    assertThat(check.overlaps()).isEmpty();
    assertThat(check.overlapCount()).isZero();
    assertThat(check.notDelivered()).isZero();
    assertThat(check.bytes(RecordType.RECEIVED)).isEqualTo(bytes(runs, RecordType.RECEIVED));
    assertThat(check.bytes(RecordType.DELIVERED)).isEqualTo(bytes(runs, RecordType.DELIVERED));
  }

  private static long bytes(List<Run> runs, RecordType type) {
    return runs.stream().filter(run -> run.type == type).mapToLong(Run::size).sum();
  }

  @Property(tries = 300)
  void oneByteInTwoRecordsIsFoundWithThePlacesOfBoth(
      @ForAll long seed, @ForAll RecordType type, @ForAll @IntRange(min = 1, max = 300) int count) {
    // given a record that repeats one byte of another, in a session of no client
    Random random = new Random(seed);
    List<Run> runs = disjoint(random, count);
    Run victim = runs.get(random.nextInt(runs.size()));
    long offset = victim.offset + random.nextInt(victim.size);
    Run injected = new Run(type, victim.epoch, CLIENTS + 1, offset, 1);
    runs.add(injected);
    Collections.shuffle(runs, random);

    // when
    AuditCheck check = check(runs);

    // then
    assertThat(check.overlapCount()).isPositive();
    String place = "audit.log:" + (runs.indexOf(injected) + 1);
    assertThat(check.overlaps())
        .anySatisfy(overlap ->
            assertThat(List.of(overlap.first().place(), overlap.second().place())).contains(place));
  }

  @Property(tries = 100)
  void recordsTwiceAreDuplicates(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int count) {
    Random random = new Random(seed);
    List<Run> runs = disjoint(random, count);
    List<Run> twice = new ArrayList<>(runs);
    twice.addAll(runs);
    Collections.shuffle(twice, random);

    AuditCheck check = check(twice);

    assertThat(check.overlapCount()).isZero();
    assertThat(check.duplicates()).isEqualTo(runs.size());
  }
}
