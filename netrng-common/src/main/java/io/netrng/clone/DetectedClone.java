// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The last detection, which the new program receives in a variable of its environment. All times
 * are of CLOCK_MONOTONIC, which both programs share, in nanoseconds.
 *
 * @param count the number of detections so far
 * @param signal the name of the signal
 * @param at the time of the detection
 * @param debt the time at which no earlier replacement of an uncertain signal counts any more (the
 *     theoretical arrival time of the generic cell rate algorithm, ITU-T I.371)
 * @param counters the last counters of the signals, by name
 */
record DetectedClone(long count, String signal, long at, long debt, Map<String, Long> counters) {

  /** The variable. Spring would read one whose name begins with NETRNG as a property. */
  static final String VARIABLE = "CLONED_NETRNG";

  /** The number of replacements without a pause. */
  static final int BURST = 3;

  /** The interval of later replacements. */
  static final Duration INTERVAL = Duration.ofMinutes(5);

  private static final int HEXADECIMAL = 16;
  private static final String COUNTER = ",([a-z0-9-]{1,32})=([0-9a-f]{1,16})";
  private static final Pattern COUNTERS = Pattern.compile(COUNTER);
  private static final Pattern VALUE =
      Pattern.compile(
          "([0-9]{1,18}),([a-z0-9-]{1,32}),([0-9]{1,18}),([0-9]{1,18})((?:%s){0,9})"
              .formatted(COUNTER));

  /** Before the first detection. */
  static final DetectedClone NONE = new DetectedClone(0, "", 0, 0, Map.of());

  /** Parses the variable; empty if it is absent or invalid. */
  static Optional<DetectedClone> parse(@Nullable String value) {
    if (value == null) {
      return Optional.empty();
    }
    Matcher matcher = VALUE.matcher(value);
    return matcher.matches()
        ? Optional.of(
            new DetectedClone(
                Long.parseLong(matcher.group(1)),
                matcher.group(2),
                Long.parseLong(matcher.group(3)),
                Long.parseLong(matcher.group(4)),
                counters(matcher.group(5))))
        : Optional.empty();
  }

  private static Map<String, Long> counters(String text) {
    return COUNTERS
        .matcher(text)
        .results()
        .collect(
            Collectors.toMap(
                counter -> counter.group(1),
                counter -> Long.parseUnsignedLong(counter.group(2), HEXADECIMAL),
                (_, last) -> last));
  }

  /** Returns the value of the variable. */
  String value() {
    return count
        + ","
        + signal
        + ","
        + at
        + ","
        + debt
        + new TreeMap<>(counters)
            .entrySet().stream()
                .map(counter -> "," + counter.getKey() + "=" + Long.toHexString(counter.getValue()))
                .collect(Collectors.joining());
  }

  /** Returns the last counter of a signal; empty if it has none. */
  OptionalLong counter(String name) {
    Long counter = counters.get(name);
    return counter == null ? OptionalLong.empty() : OptionalLong.of(counter);
  }

  /** Returns a further detection. */
  DetectedClone next(String nextSignal, long now) {
    return new DetectedClone(count + 1, nextSignal, now, debt, counters);
  }

  /** Returns how long the next replacement has to wait; zero or less if it may begin. */
  Duration pause(long now) {
    return Duration.ofNanos(debt - (BURST - 1) * INTERVAL.toNanos() - now);
  }

  /** Returns this detection with the debt of a replacement that begins now. */
  DetectedClone replacedAt(long now) {
    long later = Math.max(debt, now) + INTERVAL.toNanos();
    return new DetectedClone(count, signal, at, later, counters);
  }

  /** Returns this detection with the present counters of the signals. */
  DetectedClone with(Map<String, Long> present) {
    return new DetectedClone(count, signal, at, debt, present);
  }
}
