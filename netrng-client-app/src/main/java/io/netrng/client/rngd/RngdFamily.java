// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.rngd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The programs with the name {@code rngd}. They differ in their options and in the number of bytes
 * that they read before the first block.
 */
public enum RngdFamily {
  /** Jeff Garzik's versions 4 and 5, Debian's rng-tools5. */
  RNG_TOOLS_5("rng-tools 4 or 5", 8, "--no-drng"),
  /** Neil Horman's version 6 of Fedora, RHEL, Alpine and Arch. */
  RNG_TOOLS_6("rng-tools 6", 24, "--force-reseed|--exclude"),
  /** Debian's own version 2, rng-tools-debian. */
  RNG_TOOLS_DEBIAN("rng-tools-debian 2", 8, "--feed-interval");

  /** The FIPS 140-2 block that all families read, test and add to the kernel at once, in bytes. */
  static final int BLOCK = 2_500;

  /** All sources that version 6 may read by itself, except the pipe from the client. */
  private static final List<String> OTHER_SOURCES =
      List.of(
          "tpm",
          "rdrand",
          "darn",
          "rndr",
          "nist",
          "jitter",
          "pkcs11",
          "rtlsdr",
          "qrypt",
          "namedpipe");

  private final String label;
  private final int preamble;
  private final Pattern mark;

  RngdFamily(String label, int preamble, String mark) {
    this.label = label;
    this.preamble = preamble;
    this.mark = Pattern.compile(mark);
  }

  /** Returns the family's name for people. */
  public String label() {
    return label;
  }

  /**
   * Returns the number of bytes that it reads before the first block. They never reach the kernel.
   */
  int preamble() {
    return preamble;
  }

  /** Returns the family that printed this {@code --help} text. */
  static Optional<RngdFamily> ofHelp(String help) {
    return Arrays.stream(values()).filter(family -> family.mark.matcher(help).find()).findFirst();
  }

  /**
   * Returns the arguments that make it feed the kernel only the client's bytes.
   *
   * @param knowsSource whether the program knows a source by that name; it refuses to start if it
   *     must exclude an unknown source
   */
  List<String> arguments(Predicate<String> knowsSource) {
    List<String> arguments = new ArrayList<>(List.of("-f", "-r", "/dev/stdin"));
    switch (this) {
      case RNG_TOOLS_5 -> arguments.addAll(List.of("-d", "1", "-n", "1"));
      case RNG_TOOLS_6 ->
          OTHER_SOURCES.stream()
              .filter(knowsSource)
              .flatMap(source -> Stream.of("-x", source))
              .forEach(arguments::add);
      case RNG_TOOLS_DEBIAN -> arguments.addAll(List.of("-T", "0"));
    }
    // With /dev/random, Linux 5.18 and later would let it wait for POLLOUT for ever.
    arguments.addAll(List.of("-o", "/dev/urandom", "-s", String.valueOf(BLOCK)));
    if (this == RNG_TOOLS_6) {
      arguments.addAll(List.of("-W", "0"));
    }
    return List.copyOf(arguments);
  }
}
