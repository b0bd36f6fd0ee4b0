// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The entropy that a client adds to the kernel, as strace sees it. */
final class FeedTrace implements AutoCloseable {

  /** strace prints the bytes when the call begins, so the line may end there. */
  private static final Pattern ADDED =
      Pattern.compile(
          "\\d+ +(\\d+)\\.(\\d{6}) ioctl\\(\\d+, RNDADDENTROPY, \\{entropy_count=(\\d+),"
              + " buf_size=\\d+, buf=\"((?:\\\\x[0-9a-f]{2})+)\"}.*");

  private static final String MOST_BYTES = "65536";
  private static final int NANOS_PER_MICRO = 1_000;

  private final Process strace;
  private final Path output;

  /**
   * One call.
   *
   * @param time of its begin
   * @param bits the credited entropy
   * @param bytes that the kernel gets
   */
  record Call(Instant time, int bits, ByteBuffer bytes) {

    private static Call of(MatchResult line) {
      Instant time =
          Instant.ofEpochSecond(
              Long.parseLong(line.group(1)), Long.parseLong(line.group(2)) * NANOS_PER_MICRO);
      return new Call(
          time,
          Integer.parseInt(line.group(3)),
          ByteBuffer.wrap(HexFormat.of().parseHex(line.group(4).replace("\\x", ""))));
    }
  }

  /** Traces the client until this object is closed. */
  FeedTrace(AppProcess client, Path output) throws IOException {
    this.output = output;
    strace =
        new ProcessBuilder(
                List.of(
                    "strace",
                    "-f",
                    "-ttt",
                    "-xx",
                    "-s",
                    MOST_BYTES,
                    "-e",
                    "trace=ioctl",
                    "-o",
                    output.toString(),
                    "-p",
                    "" + client.pid()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    awaitCallsAfter(Instant.EPOCH, 2);
  }

  /** Waits until the client has fed the kernel so often since a moment. */
  void awaitCallsAfter(Instant moment, int calls) {
    await("the client feeds the kernel")
        .atMost(AppProcess.PATIENCE)
        .failFast("strace ended", () -> !strace.isAlive())
        .until(() -> calls().stream().filter(call -> call.time().isAfter(moment)).count() >= calls);
  }

  /** Returns the longest time without feeding that ended after a moment. */
  Duration longestGapAfter(Instant moment) throws IOException {
    List<Call> calls = calls();
    Duration longest = Duration.ZERO;
    for (int i = 1; i < calls.size(); i++) {
      Duration gap = Duration.between(calls.get(i - 1).time(), calls.get(i).time());
      if (calls.get(i).time().isAfter(moment) && gap.compareTo(longest) > 0) {
        longest = gap;
      }
    }
    return longest;
  }

  /** Returns the calls so far. */
  List<Call> calls() throws IOException {
    if (!Files.exists(output)) {
      return List.of();
    }
    return Files.readAllLines(output).stream()
        .map(ADDED::matcher)
        .filter(Matcher::matches)
        .map(Call::of)
        .toList();
  }

  @Override
  public void close() {
    strace.destroy();
    strace.onExit().join();
  }
}
