// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The last detection, which the new program receives in a variable of its environment. All times
 * are of CLOCK_MONOTONIC, which both programs share, in nanoseconds.
 *
 * @param count the number of detections so far
 * @param signal the name of the signal
 * @param at the time of the detection
 * @param debt the time at which no earlier replacement counts any more (the theoretical arrival
 *     time of the generic cell rate algorithm, ITU-T I.371)
 */
record DetectedClone(long count, String signal, long at, long debt) {

  /** The variable. Spring would read one whose name begins with NETRNG as a property. */
  static final String VARIABLE = "CLONED_NETRNG";

  /** The number of replacements without a pause. */
  static final int BURST = 3;

  /** The interval of later replacements. */
  static final Duration INTERVAL = Duration.ofMinutes(5);

  private static final Pattern VALUE =
      Pattern.compile("([0-9]{1,18}),([a-z0-9-]{1,32}),([0-9]{1,18}),([0-9]{1,18})");

  /** Before the first detection. */
  static final DetectedClone NONE = new DetectedClone(0, "", 0, 0);

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
                Long.parseLong(matcher.group(4))))
        : Optional.empty();
  }

  /** Returns the value of the variable. */
  String value() {
    return count + "," + signal + "," + at + "," + debt;
  }

  /** Returns a further detection. */
  DetectedClone next(String nextSignal, long now) {
    return new DetectedClone(count + 1, nextSignal, now, debt);
  }

  /** Returns how long the next replacement has to wait; zero or less if it may begin. */
  Duration pause(long now) {
    return Duration.ofNanos(debt - (BURST - 1) * INTERVAL.toNanos() - now);
  }

  /** Returns this detection with the debt of a replacement that begins now. */
  DetectedClone replacedAt(long now) {
    return new DetectedClone(count, signal, at, Math.max(debt, now) + INTERVAL.toNanos());
  }
}
