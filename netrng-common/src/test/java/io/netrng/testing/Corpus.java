// SPDX-License-Identifier: Apache-2.0
package io.netrng.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/**
 * The initial inputs of a fuzz test, which every test run checks. They are in a resource with the
 * name of the class. Each line contains one input in hexadecimal, with optional blanks, and a
 * comment after a #.
 */
public final class Corpus {

  private static final HexFormat HEX = HexFormat.of();

  private Corpus() {}

  /** Returns the inputs of a fuzz test, named by their comments. */
  public static Stream<Named<byte[]>> of(Class<?> fuzzTest) {
    return text(fuzzTest)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(Corpus::input);
  }

  private static Named<byte[]> input(String line) {
    int end = line.indexOf('#');
    byte[] bytes = HEX.parseHex(line.substring(0, end).replace(" ", ""));
    return Named.of(line.substring(end + 1).strip(), bytes);
  }

  private static String text(Class<?> fuzzTest) {
    String name = fuzzTest.getSimpleName() + ".hex";
    try (InputStream in = Objects.requireNonNull(fuzzTest.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
