// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.conditioning;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class Sha512PropertiesTest {

  private static final int LONGEST = 300;

  /** Messages of one context after each other. */
  @Property(tries = 20)
  void computesTheDigestOfTheJdkForAnyLengthInAnyParts(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    MessageDigest expected = MessageDigest.getInstance("SHA-512");
    try (Arena arena = Arena.ofConfined();
        Sha512 sha512 = new Sha512()) {
      MemorySegment message = arena.allocate(LONGEST);
      MemorySegment digest = arena.allocate(Sha512.SIZE);
      for (int length = 0; length <= LONGEST; length++) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        message.copyFrom(MemorySegment.ofArray(bytes));
        if (random.nextInt(4) == 0) {
          sha512.update(message);
          sha512.wipe();
        }
        for (int from = 0; from < length; ) {
          int part = 1 + random.nextInt(length - from);
          sha512.update(message.asSlice(from, part));
          from += part;
        }
        sha512.finish(digest);
        assertThat(digest.toArray(ValueLayout.JAVA_BYTE))
            .as("%d bytes", length)
            .isEqualTo(expected.digest(bytes));
      }
    }
  }
}
