// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads a TPM that answers as a test says. */
class TpmChannelTest {

  /** Gives one part of its answer for each read. */
  private static final class Tpm implements ByteChannel {

    private final List<String> parts;
    private final List<String> commands = new ArrayList<>();
    private ByteBuffer scratch = buffer(0);
    private int next;

    Tpm(String... parts) {
      this.parts = List.of(parts);
    }

    @Override
    public int write(ByteBuffer source) {
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      commands.add(HexFormat.of().formatHex(bytes));
      return bytes.length;
    }

    @Override
    public int read(ByteBuffer target) {
      scratch = target;
      if (next == parts.size()) {
        return -1;
      }
      byte[] part = HexFormat.of().parseHex(parts.get(next++).replace(" ", ""));
      int size = Math.min(part.length, target.remaining());
      target.put(part, 0, size);
      return size;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocateDirect(size);
  }

  @Test
  void asksForTheSizeOfTheReadAndAcceptsLess() throws IOException {
    // given
    Tpm tpm = new Tpm("8001 0000000f 00000000 0003 010203");
    ByteBuffer[] buffers = {buffer(2), buffer(8)};

    // when
    long bytes = new TpmChannel(tpm).read(buffers, 0, 2);

    // then
    assertThat(tpm.commands).first().isEqualTo("80010000000c0000017b000a");
    assertThat(bytes).isEqualTo(3);
    assertThat(buffers[0].flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
    assertThat(buffers[1].flip()).isEqualTo(ByteBuffer.wrap(new byte[] {3}));
  }

  @Test
  void asksForTheLargestDigestAtMost() throws IOException {
    Tpm tpm = new Tpm("8001 0000000d 00000000 0001 01");

    new TpmChannel(tpm).read(buffer(8192));

    assertThat(tpm.commands).isNotEmpty().allSatisfy(c -> assertThat(c).endsWith("0040"));
  }

  @Test
  void asksAgainForTheBytesThatAreMissing() throws IOException {
    // given
    Tpm tpm = new Tpm("8001 0000000f 00000000 0003 010203", "8001 0000000d 00000000 0001 04");
    ByteBuffer read = buffer(4);

    // when
    new TpmChannel(tpm).read(read);
    if (read.hasRemaining()) {
      // The first answer took more than a millisecond.
      new TpmChannel(tpm).read(read);
    }

    // then
    assertThat(tpm.commands).hasSize(2).last().asString().endsWith("0001");
    assertThat(read.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
  }

  @Test
  void readsTheAnswerOfASocketUntilItIsComplete() throws IOException {
    Tpm tpm = new Tpm("8001 0000", "000f 0000", "0000 0003 01", "0203");

    assertThat(new TpmChannel(tpm).read(buffer(64))).isEqualTo(3);
  }

  @Test
  void wipesAnAnswer() throws IOException {
    // given
    Tpm tpm = new Tpm("8001 0000000f 00000000 0003 010203");

    // when
    new TpmChannel(tpm).read(buffer(64));

    // then
    assertThat(tpm.scratch.capacity()).isPositive();
    for (int i = 0; i < tpm.scratch.capacity(); i++) {
      assertThat(tpm.scratch.get(i)).isZero();
    }
  }

  @Test
  void anErrorCodeIsAFault() {
    TpmChannel channel = new TpmChannel(new Tpm("8001 0000000a 00000922"));

    assertThatThrownBy(() -> channel.read(buffer(64))).hasMessage("answered TPM error 0x922");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // A wrong tag, a size that is too large or too small, and random bytes.
        "8002 0000000f 00000000 0003 010203",
        "8001 000000ff 00000000 0003 010203",
        "8001 0000000a 00000000 0003 010203",
        "8001 00000004 00000000 0003 010203",
        "8001 ffffffff 00000000 0003 010203",
        "6a1f 99e07c3d 5b2e8a17 f00c 55aa17",
        // An error with bytes.
        "8001 0000000f 00000101 0003 010203",
        // A length that is wrong, zero, or missing.
        "8001 0000000f 00000000 0002 010203",
        "8001 0000000f 00000000 0004 010203",
        "8001 0000000c 00000000 0000",
        "8001 0000000a 00000000"
      })
  void refusesAnAnswerThatIsNotCorrectAndNamesNoneOfItsBytes(String answer) {
    TpmChannel channel = new TpmChannel(new Tpm(answer, "00".repeat(200)));

    assertThatThrownBy(() -> channel.read(buffer(64)))
        .isInstanceOf(IOException.class)
        .message()
        .doesNotContainPattern("0x");
  }

  @Test
  void refusesMoreBytesThanAsked() {
    TpmChannel channel = new TpmChannel(new Tpm("8001 0000000f 00000000 0003 010203"));

    assertThatThrownBy(() -> channel.read(buffer(2)))
        .hasMessage("answered a wrong number of bytes");
  }

  @Test
  void aConnectionThatEndsIsAFault() throws IOException {
    TpmChannel channel = new TpmChannel(new Tpm("8001 0000"));

    assertThat(channel.read(buffer(64))).isEqualTo(-1);
    assertThatThrownBy(channel::end).hasMessage("the TPM closed the connection");
  }
}
