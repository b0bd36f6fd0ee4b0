package io.netrng.client.rngd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The programs that go by the name of {@code rngd}. They differ in their options and in how many
 * bytes they read before the first block.
 */
public enum RngdFamily {
  /** Jeff Garzik's versions 4 and 5, Debian's rng-tools5. */
  RNG_TOOLS_5("rng-tools 4 or 5", 8, "--no-drng"),
  /** Neil Horman's version 6 of Fedora, RHEL, Alpine and Arch. */
  RNG_TOOLS_6("rng-tools 6", 24, "--force-reseed|--exclude"),
  /** Debian's own version 2, rng-tools-debian. */
  RNG_TOOLS_DEBIAN("rng-tools-debian 2", 8, "--feed-interval");

  /** What all of them read, test and hand to the kernel at a time: a FIPS 140-2 block, in bytes. */
  static final int BLOCK = 2_500;

  /** All sources that version 6 may read by itself, beside the one that we feed. */
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

  /** The family's name for people. */
  public String label() {
    return label;
  }

  /** How many bytes it reads before the first block; they never reach the kernel. */
  int preamble() {
    return preamble;
  }

  /** The family whose {@code --help} this is. */
  static Optional<RngdFamily> ofHelp(String help) {
    return Arrays.stream(values()).filter(family -> family.mark.matcher(help).find()).findFirst();
  }

  /**
   * The arguments with which it feeds the kernel our bytes and no others.
   *
   * @param knowsSource whether the program knows a source by that name; it refuses to start when
   *     told to leave out one that it does not know
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
    // Written to /dev/random, Linux 5.18 and later would let it wait for POLLOUT for ever.
    arguments.addAll(List.of("-o", "/dev/urandom", "-s", String.valueOf(BLOCK)));
    if (this == RNG_TOOLS_6) {
      arguments.addAll(List.of("-W", "0"));
    }
    return List.copyOf(arguments);
  }
}
