// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When a client has added entropy to the kernel, as strace sees it. */
final class FeedTrace implements AutoCloseable {

  private static final Pattern ADDED = Pattern.compile("\\d+ +(\\d+)\\.(\\d{6}) .*RNDADDENTROPY.*");

  private static final int NANOS_PER_MICRO = 1_000;

  private final Process strace;
  private final Path output;

  /** Traces the client until this object is closed. */
  FeedTrace(AppProcess client, Path output) throws IOException {
    this.output = output;
    strace =
        new ProcessBuilder(
                List.of(
                    "strace",
                    "-f",
                    "-ttt",
                    "-s",
                    "0",
                    "-e",
                    "trace=ioctl",
                    "-o",
                    output.toString(),
                    "-p",
                    "" + client.pid()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    awaitCallsAfter(Instant.now(), 2);
  }

  /** Waits until the client has fed the kernel so often since a moment. */
  void awaitCallsAfter(Instant moment, int calls) {
    await("the client feeds the kernel")
        .atMost(AppProcess.PATIENCE)
        .failFast("strace ended", () -> !strace.isAlive())
        .until(() -> times().stream().filter(moment::isBefore).count() >= calls);
  }

  /** Returns the longest time without feeding that ended after a moment. */
  Duration longestGapAfter(Instant moment) throws IOException {
    List<Instant> times = times();
    Duration longest = Duration.ZERO;
    for (int i = 1; i < times.size(); i++) {
      Duration gap = Duration.between(times.get(i - 1), times.get(i));
      if (times.get(i).isAfter(moment) && gap.compareTo(longest) > 0) {
        longest = gap;
      }
    }
    return longest;
  }

  private List<Instant> times() throws IOException {
    if (!Files.exists(output)) {
      return List.of();
    }
    return Files.readAllLines(output).stream()
        .map(ADDED::matcher)
        .filter(Matcher::matches)
        .map(FeedTrace::time)
        .toList();
  }

  private static Instant time(Matcher line) {
    return Instant.ofEpochSecond(
        Long.parseLong(line.group(1)), Long.parseLong(line.group(2)) * NANOS_PER_MICRO);
  }

  @Override
  public void close() {
    strace.destroy();
    strace.onExit().join();
  }
}
