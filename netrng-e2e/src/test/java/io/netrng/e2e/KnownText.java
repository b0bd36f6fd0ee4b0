// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/** Searches written output for parts of known bytes: raw, in hex and in base64. */
final class KnownText {

  /** Short enough to find a logged beginning of a buffer. */
  static final int PIECE = 6;

  private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{%d,}".formatted(2 * PIECE));
  private static final Pattern BASE_64 =
      Pattern.compile("[A-Za-z0-9+/_-]{%d,}".formatted(PIECE + 2));
  private static final int CHARACTERS = 4;

  private final Set<Long> pieces = new HashSet<>();

  KnownText(byte[] known) {
    for (int i = 0; i + PIECE <= known.length; i++) {
      pieces.add(piece(known, i));
    }
  }

  private static long piece(byte[] bytes, int from) {
    long piece = 0;
    for (int i = from; i < from + PIECE; i++) {
      piece = (piece << Byte.SIZE) | (bytes[i] & 0xff);
    }
    return piece;
  }

  /** Returns the number of parts that occur in any of these forms. */
  long in(byte[] written) {
    String text = new String(written, StandardCharsets.ISO_8859_1);
    // Removes colons and blanks between hex bytes.
    String dense = text.replaceAll("(?<=\\b[0-9a-fA-F]{2})[: ](?=[0-9a-fA-F]{2}\\b)", "");
    return asIs(written) + inHex(dense) + inBase64(text);
  }

  private long asIs(byte[] written) {
    long hits = 0;
    for (int i = 0; i + PIECE <= written.length; i++) {
      hits += pieces.contains(piece(written, i)) ? 1 : 0;
    }
    return hits;
  }

  private long inHex(String text) {
    return HEX.matcher(text)
        .results()
        .mapToLong(run -> {
          long hits = 0;
          for (int from = 0; from < 2; from++) {
            String digits = run.group().substring(from);
            int even = digits.length() & ~1;
            hits += asIs(HexFormat.of().parseHex(digits, 0, even));
          }
          return hits;
        })
        .sum();
  }

  private long inBase64(String text) {
    return BASE_64
        .matcher(text)
        .results()
        .mapToLong(run -> {
          String standard = run.group().replace('-', '+').replace('_', '/');
          long hits = 0;
          for (int from = 0; from < CHARACTERS; from++) {
            String cut = standard.substring(from);
            String whole = cut.substring(0, cut.length() / CHARACTERS * CHARACTERS);
            hits += asIs(Base64.getDecoder().decode(whole));
          }
          return hits;
        })
        .sum();
  }
}
