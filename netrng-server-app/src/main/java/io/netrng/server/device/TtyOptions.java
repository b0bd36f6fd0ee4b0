// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import io.netrng.posix.TerminalSettings;
import io.netrng.posix.TerminalSettings.Parity;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The parts of {@code tty:PATH?OPTION=VALUE&OPTION=VALUE}. A value is printable ASCII, and {@code
 * %NN} in the value of init is the byte with this hexadecimal number.
 *
 * @param path an absolute path
 * @param values the options by name, at most one of each
 */
record TtyOptions(Path path, Map<String, String> values) {

  private static final String PREFIX = "tty:";
  private static final String SPEED = "speed";
  private static final String PARITY = "parity";
  private static final String INIT = "init";
  private static final String OPEN_SPEEDS = "open-speeds";
  private static final Set<String> NAMES = Set.of(SPEED, PARITY, INIT, OPEN_SPEEDS);

  /** Copies the options. */
  TtyOptions {
    values = Map.copyOf(values);
  }

  /**
   * Parses the text.
   *
   * @throws IllegalArgumentException with the wrong part and the valid ones
   */
  static TtyOptions parse(String text) {
    String[] parts = text.substring(PREFIX.length()).split("\\?", 2);
    Path path = Path.of(parts[0]);
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException(
          "write the absolute path of the tty, as in tty:/dev/ttyACM0");
    }
    Map<String, String> values = new HashMap<>();
    for (String option : parts.length == 1 ? new String[0] : parts[1].split("&", -1)) {
      String[] pair = option.split("=", 2);
      if (pair.length == 1 || !NAMES.contains(pair[0])) {
        throw new IllegalArgumentException(
            "write speed=, parity=, init= or open-speeds= instead of '%s'".formatted(option));
      }
      if (values.put(pair[0], pair[1]) != null) {
        throw new IllegalArgumentException("write the option %s once".formatted(pair[0]));
      }
    }
    TtyOptions options = new TtyOptions(path, values);
    options.init();
    return options;
  }

  int speed(int unset) {
    String value = values.get(SPEED);
    return value == null ? unset : toSpeed(value);
  }

  Parity parity(Parity unset) {
    String value = values.get(PARITY);
    if (value == null) {
      return unset;
    }
    return Stream.of(Parity.values())
        .filter(parity -> parity.name().toLowerCase(Locale.ROOT).equals(value))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "write none, odd or even instead of the parity '%s'".formatted(value)));
  }

  /** The speeds before the last opening. */
  List<Integer> openSpeeds() {
    String value = values.get(OPEN_SPEEDS);
    return value == null
        ? List.of()
        : Stream.of(value.split(",", -1)).map(TtyOptions::toSpeed).toList();
  }

  /** The bytes to write, one in each character. */
  String init() {
    String text = values.getOrDefault(INIT, "");
    StringBuilder bytes = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        bytes.append(requirePrintable(c));
      } else if (i + 2 < text.length() && isHex(text, i + 1) && isHex(text, i + 2)) {
        bytes.append((char) HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else {
        throw new IllegalArgumentException(
            "write two hexadecimal digits after each %% of init, as in %%0A for a line feed, and %%25 for the percent sign itself"
                .formatted());
      }
    }
    return bytes.toString();
  }

  private static boolean isHex(String text, int index) {
    return HexFormat.isHexDigit(text.charAt(index));
  }

  private static char requirePrintable(char c) {
    if (c < ' ' || c > '~') {
      throw new IllegalArgumentException(
          "write each byte of init that is not printable ASCII as %NN, such as %0A for a line feed");
    }
    return c;
  }

  private static int toSpeed(String value) {
    return TerminalSettings.SPEEDS.stream()
        .filter(speed -> speed.toString().equals(value))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "write one of the speeds %s instead of '%s'"
                    .formatted(
                        TerminalSettings.SPEEDS.stream()
                            .map(String::valueOf)
                            .collect(Collectors.joining(", ")),
                        value)));
  }
}
