// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.WriteBufferWaterMark;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EgdConnectionTest {

  private static final long PLENTY = 1L << 40;
  private static final String PID = Long.toString(ProcessHandle.current().pid());

  private EgdWire wire = new EgdWire(EgdMode.EGD, new FakeSupply(0));

  @AfterEach
  void close() {
    wire.close();
  }

  private FakeSupply open(EgdMode mode, long entropy) {
    wire.close();
    FakeSupply supply = new FakeSupply(entropy);
    wire = new EgdWire(mode, supply);
    return supply;
  }

  @Test
  void sendsNothingUnsolicitedInModeEgd() {
    open(EgdMode.EGD, PLENTY);

    assertThat(wire.output()).isEmpty();
  }

  @Test
  void answersTheLevelInBits() {
    // given
    open(EgdMode.EGD, 259);

    // when
    wire.receive("00");

    // then
    assertThat(wire.outputHex()).isEqualTo("00000818");
  }

  @Test
  void answersALevelAboveTheLargestNumberWithTheLargestNumber() {
    // given
    open(EgdMode.EGD, Long.MAX_VALUE / 2);

    // when
    wire.receive("00");

    // then
    assertThat(wire.outputHex()).isEqualTo("ffffffff");
  }

  @Test
  void answersANonBlockingReadWithItsCountAndTheBytes() {
    // given
    open(EgdMode.EGD, 6);

    // when
    wire.receive("01 04  01 04  01 04");

    // then
    assertThat(wire.outputHex()).isEqualTo("0400010203" + "020405" + "00");
  }

  @Test
  void answersABlockingReadWithoutHeaderOnceAllBytesAreThere() {
    // given
    FakeSupply supply = open(EgdMode.EGD, 1);

    // when
    wire.receive("02 03  04");
    String partly = wire.outputHex();
    supply.add(5);

    // then
    assertThat(partly).isEqualTo("00");
    assertThat(wire.outputHex()).startsWith("00" + "0102");
    assertThat(new String(wire.output(), 4, PID.length(), StandardCharsets.US_ASCII))
        .isEqualTo(PID);
    assertThat(wire.output()[3]).isEqualTo((byte) PID.length());
  }

  @Test
  void answersReadsOfNoBytes() {
    // given
    open(EgdMode.EGD, 0);

    // when
    wire.receive("02 00  01 00  02 00  00");

    // then
    assertThat(wire.outputHex()).isEqualTo("00" + "00000000");
  }

  @Test
  void discardsTheEntropyOfTheClientWithoutAnAnswer() {
    // given
    open(EgdMode.EGD, 1);

    // when
    wire.receive("03 0010 02");
    wire.receive("02");
    wire.receive("02  03 0000 00  02 01");

    // then
    assertThat(wire.outputHex()).isEqualTo("00");
  }

  @Test
  void writesTheAnswersToPipelinedBlockingReadsTogether() {
    // given
    open(EgdMode.EGD, PLENTY);

    // when
    wire.receive("02 ff".repeat(100));

    // then
    assertThat(wire.output()).hasSize(25_500);
    assertThat(wire.buffers()).isEqualTo(1);
  }

  @Test
  void endsTheConnectionAtAnUnknownCommandAfterTheAnswersBefore() {
    // given
    FakeSupply supply = open(EgdMode.EGD, 1);

    // when
    wire.receive("02 02  05  02 01");
    boolean waited = wire.channel().isActive();
    supply.add(10);

    // then
    assertThat(waited).isTrue();
    assertThat(wire.outputHex()).isEqualTo("0001");
    assertThat(wire.channel().isActive()).isFalse();
    assertThat(wire.unknown()).containsExactly(5);
    assertThat(supply.isClosed()).isTrue();
  }

  @Test
  void closesTheSupplyWithTheConnection() {
    // given
    FakeSupply supply = open(EgdMode.EGD, 1);
    wire.receive("02 10");

    // when
    var _ = wire.channel().close();

    // then
    assertThat(supply.isClosed()).isTrue();
  }

  @Test
  void answersOneReadThatNobodySentInModeQemu() {
    // given
    FakeSupply supply = open(EgdMode.QEMU, 10);

    // when
    int atOnce = wire.output().length;
    supply.add(1_000);
    int later = wire.output().length;
    wire.receive("02 40");

    // then
    assertThat(atOnce).isEqualTo(10);
    assertThat(later).isEqualTo(64);
    assertThat(wire.output()).hasSize(128);
  }

  @Test
  void stopsReadingWhileTheLimitOfRequestedBytesIsReached() {
    // given
    FakeSupply supply = open(EgdMode.EGD, 0);
    int requests = 10 * EgdConnection.MOST_PENDING / 255;

    // when
    wire.receive("02 ff".repeat(requests));
    boolean reads = wire.channel().config().isAutoRead();
    long drawn = supply.drawn();
    supply.add(PLENTY);

    // then
    assertThat(reads).isFalse();
    assertThat(drawn)
        .isBetween((long) EgdConnection.MOST_PENDING, EgdConnection.MOST_PENDING + 255L);
    assertThat(wire.channel().config().isAutoRead()).isTrue();
    assertThat(wire.output()).hasSize(255 * requests);
  }

  @Test
  void stopsReadingWhileTheLimitOfPendingAnswersIsReached() {
    // given
    FakeSupply supply = open(EgdMode.EGD, 0);

    // when
    wire.receive("02 01" + "00".repeat(10 * EgdConnection.MOST_ANSWERS));
    boolean reads = wire.channel().config().isAutoRead();
    supply.add(1);

    // then
    assertThat(reads).isFalse();
    assertThat(wire.channel().config().isAutoRead()).isTrue();
    assertThat(wire.output()).hasSize(1 + 40 * EgdConnection.MOST_ANSWERS);
  }

  @Test
  void stopsReadingWhileTheSocketAcceptsNoBytes() {
    // given
    FakeSupply supply = open(EgdMode.EGD, PLENTY);
    wire.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(1_000, 1_000));
    wire.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, false);

    // when
    wire.receive("02 40");
    boolean reads = wire.channel().config().isAutoRead();
    int written = wire.output().length;
    wire.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    wire.channel().runPendingTasks();

    // then
    assertThat(reads).isFalse();
    assertThat(written).isZero();
    assertThat(wire.output()).hasSize(64);
    assertThat(wire.channel().config().isAutoRead()).isTrue();
    assertThat(supply.available()).isZero();
  }
}
