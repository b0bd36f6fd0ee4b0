// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.conditioning;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Sha512Test {

  private static final int MESSAGE = 73;

  private final Arena arena = Arena.ofConfined();
  private final Sha512 sha512 = new Sha512();

  @AfterEach
  void free() {
    sha512.close();
    arena.close();
  }

  private MemorySegment offHeap(byte[] bytes) {
    return arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
  }

  private String finish() {
    MemorySegment digest = arena.allocate(Sha512.SIZE);
    sha512.finish(digest);
    return HexFormat.of().formatHex(digest.toArray(ValueLayout.JAVA_BYTE));
  }

  /** The examples of NIST for FIPS 180-4, and its long one. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          '', 1, cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e
          abc, 1, ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
          abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu, 1, 8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909
          aaaaaaaaaa, 100000, e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b
          """)
  void computesTheKnownDigests(String part, int times, String digest) {
    // given
    MemorySegment bytes = offHeap(part.getBytes(US_ASCII));

    // when
    for (int i = 0; i < times; i++) {
      sha512.update(bytes);
    }

    // then also for the next message of the same context
    assertThat(finish()).isEqualTo(digest);
    sha512.update(bytes.asSlice(0, 0));
    assertThat(finish()).startsWith("cf83e1357eef");
  }

  @Test
  void rejectsMemoryOnTheHeapAndAResultOfAnotherSize() {
    MemorySegment heap = MemorySegment.ofArray(new byte[Sha512.SIZE]);
    assertThatIllegalArgumentException().isThrownBy(() -> sha512.update(heap));
    assertThatIllegalArgumentException().isThrownBy(() -> sha512.finish(heap));
    MemorySegment small = arena.allocate(Sha512.SIZE - 1);
    assertThatIllegalArgumentException().isThrownBy(() -> sha512.finish(small));
  }

  @Test
  void rejectsItsUseAfterItWasClosed() {
    sha512.close();
    MemorySegment bytes = arena.allocate(Sha512.SIZE);
    assertThatIllegalStateException().isThrownBy(() -> sha512.update(bytes));
    assertThatIllegalStateException().isThrownBy(() -> sha512.finish(bytes));
    assertThatIllegalStateException().isThrownBy(sha512::wipe);
  }

  @Test
  void namesTheLibraryThatIsNotInstalled() {
    assertThat(Sha512.problem()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> Libcrypto.load(List.of("libnone.so.3", "libnone.so.4")))
        .withMessage("libnone.so.3 is not installed");
  }

  @Test
  void namesTheFunctionThatALibraryLacks() {
    assertThatIllegalStateException()
        .isThrownBy(() -> Libcrypto.load(List.of("libnone.so.3", "libc.so.6")))
        .withMessage("libcrypto lacks EVP_MD_fetch");
  }

  @Nested
  class ItsContext {

    private final MemorySegment message = arena.allocate(MESSAGE);

    /** Adds a message that no other memory contains. */
    private OwnMemory updateRandomly() {
      Random random = new Random(3);
      for (int i = 0; i < MESSAGE; i++) {
        message.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
      }
      sha512.update(message);
      OwnMemory search = new OwnMemory(message, 16);
      message.fill((byte) 0);
      return search;
    }

    @Test
    void keepsNothingOfAMessageAfterAWipe() throws IOException {
      // given
      OwnMemory search = updateRandomly();
      assertThat(search.hits()).as("before").isPositive();
      finish();

      // when
      sha512.wipe();

      // then
      assertThat(search.hits()).isZero();
    }

    @Test
    void keepsNothingOfAnIncompleteMessageAfterAWipe() throws IOException {
      // given
      OwnMemory search = updateRandomly();

      // when
      sha512.wipe();

      // then
      assertThat(search.hits()).isZero();
      assertThat(finish()).as("the digest of nothing").startsWith("cf83e1357eef");
    }

    @Test
    void keepsNothingOfAMessageAfterTheNextOfEqualLength() throws IOException {
      // given
      OwnMemory search = updateRandomly();
      finish();

      // when
      sha512.update(message);
      finish();

      // then
      assertThat(search.hits()).isZero();
    }

    @Test
    void isZeroedWhenItIsClosed() throws IOException {
      // given
      OwnMemory search = updateRandomly();
      assertThat(search.hits()).as("before").isPositive();

      // when
      sha512.close();

      // then
      assertThat(search.hits()).isZero();
    }
  }
}
