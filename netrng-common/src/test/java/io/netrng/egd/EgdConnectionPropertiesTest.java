// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.testing.Leaks;
import java.io.ByteArrayOutputStream;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class EgdConnectionPropertiesTest {

  @BeforeContainer
  static void watchLeaks() {
    Leaks.watch();
  }

  @AfterContainer
  static void nothingWasLost() {
    Leaks.assertNone();
  }

  /**
   * What happens next.
   *
   * @param received the number of bytes that arrive from the client
   * @param entropy the number of bytes that arrive from the source
   */
  record Step(int received, long entropy) {}

  @Property(tries = 1_000)
  void answersAnyCommandsInAnyFragmentsLikeTheModel(
      @ForAll EgdMode mode,
      @ForAll @LongRange(max = 2_000) long ready,
      @ForAll("commands") List<byte[]> commands,
      @ForAll("steps") List<Step> steps) {
    // given
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    commands.forEach(all::writeBytes);
    byte[] bytes = all.toByteArray();
    FakeSupply supply = new FakeSupply(ready);
    EgdWire wire = new EgdWire(mode, supply);
    EgdModel model = new EgdModel(mode, ready);

    // when
    int from = 0;
    for (Step step : steps) {
      int to = Math.min(bytes.length, from + step.received);
      wire.receive(bytes, from, to);
      model.receive(bytes, from, to);
      from = to;
      supply.add(step.entropy);
      model.add(step.entropy);

      // then
      assertThat(wire.output()).isEqualTo(model.output());
    }
    wire.receive(bytes, from, bytes.length);
    model.receive(bytes, from, bytes.length);
    assertThat(wire.output()).isEqualTo(model.output());
    assertThat(wire.channel().isActive()).isEqualTo(!model.isEnded());
    wire.close();
    assertThat(supply.isClosed()).isTrue();
  }

  @Provide
  Arbitrary<List<byte[]>> commands() {
    Arbitrary<byte[]> level = Arbitraries.just(new byte[] {0});
    Arbitrary<byte[]> pid = Arbitraries.just(new byte[] {4});
    Arbitrary<byte[]> read =
        Combinators.combine(Arbitraries.of(1, 2, 2, 2), Arbitraries.integers().between(0, 255))
            .as((command, size) -> new byte[] {command.byteValue(), size.byteValue()});
    Arbitrary<byte[]> write =
        Arbitraries.bytes()
            .array(byte[].class)
            .ofMaxSize(255)
            .map(payload -> {
              ByteArrayOutputStream command = new ByteArrayOutputStream();
              command.writeBytes(new byte[] {3, 0, 8, (byte) payload.length});
              command.writeBytes(payload);
              return command.toByteArray();
            });
    Arbitrary<byte[]> any = Arbitraries.bytes().array(byte[].class).ofMaxSize(4);
    return Arbitraries.frequencyOf(
            Tuple.of(6, read),
            Tuple.of(2, level),
            Tuple.of(2, pid),
            Tuple.of(2, write),
            Tuple.of(1, any))
        .list()
        .ofMaxSize(60);
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Integer> received =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 5), Arbitraries.integers().between(0, 600));
    return Combinators.combine(received, Arbitraries.longs().between(0, 700))
        .as(Step::new)
        .list()
        .ofMaxSize(40);
  }
}
