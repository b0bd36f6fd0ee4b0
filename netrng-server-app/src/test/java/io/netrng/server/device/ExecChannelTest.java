// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs programs and reads their output. */
class ExecChannelTest {

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);

  @TempDir Path directory;

  private static DeviceChannel run(String script) throws IOException {
    return Device.of("exec:/bin/sh -c \"%s\"".formatted(script)).open(0);
  }

  private String read(DeviceChannel channel, int size) throws IOException {
    buffer.clear().limit(size);
    while (buffer.hasRemaining()) {
      assertThat(channel.read(buffer)).isPositive();
    }
    byte[] bytes = new byte[size];
    buffer.flip().get(bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  /** Returns the process whose number a script has written to this file. */
  private static ProcessHandle process(Path pid) {
    return await("a script writes the number of its process")
        .ignoreExceptions()
        .until(
            () -> ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElse(null),
            handle -> handle != null);
  }

  @Test
  void runsAProgramAgainThatEndsAfterABlock() throws IOException {
    try (DeviceChannel channel = run("echo $$")) {
      // when
      String first = read(channel, 3);
      String both = first + read(channel, 9);

      // then each run is a process of its own
      assertThat(both.lines().distinct()).hasSizeGreaterThan(1);
    }
  }

  @Test
  void losesNoByteOfAProgramThatEndsAtOnce() throws IOException {
    try (DeviceChannel channel = Device.of("exec:echo 12345").open(0)) {
      for (int i = 0; i < 50; i++) {
        assertThat(read(channel, 6)).isEqualTo("12345\n");
      }
    }
  }

  @Test
  void passesArgumentsWithoutAShell() throws IOException {
    try (DeviceChannel channel = Device.of("exec:echo \"$HOME  *\" ;").open(0)) {
      assertThat(read(channel, 12)).isEqualTo("$HOME  * ;\n$");
    }
  }

  @Test
  void givesAProgramNoInput() throws IOException {
    try (DeviceChannel channel = run("cat; echo end")) {
      assertThat(read(channel, 4)).isEqualTo("end\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "exit 0, ended without a byte",
    "exit 3, exited with status 3",
    "echo; exit 3, exited with status 3",
    "kill -KILL $$, was killed by signal 9",
    "exec /none, exited with status 127"
  })
  void everyOtherEndIsAFault(String script, String reason) throws IOException {
    try (DeviceChannel channel = run(script)) {
      assertThatThrownBy(
              () -> {
                while (true) {
                  channel.read(buffer.clear());
                }
              })
          .hasMessage(reason);
    }
  }

  @Test
  void rubbishOnStandardErrorStopsNothing() throws IOException {
    try (DeviceChannel channel = run("head -c 1000000 /dev/urandom >&2; echo end")) {
      assertThat(read(channel, 4)).isEqualTo("end\n");
    }
  }

  @Test
  void closingEndsAReadAndTheProgram() throws IOException {
    // given
    Path pid = directory.resolve("pid");
    DeviceChannel channel = run("echo $$ > " + pid + "; exec sleep 1000");
    ProcessHandle process = process(pid);
    CompletableFuture<Integer> read =
        CompletableFuture.supplyAsync(() -> {
          try {
            return channel.read(buffer);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });

    // when
    channel.close();

    // then
    assertThat(process.isAlive()).isFalse();
    assertThat(read)
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withRootCauseInstanceOf(ClosedChannelException.class);
    assertThat(channel.isOpen()).isFalse();
    channel.close();
  }

  @Test
  void closingKillsAProgramThatIgnoresSigterm() throws IOException {
    // given
    Path pid = directory.resolve("pid");
    DeviceChannel channel = run("trap '' TERM; echo $$ > " + pid + "; while :; do sleep 1; done");
    ProcessHandle process = process(pid);

    // when
    channel.close();

    // then
    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void closingEndsTheChildrenOfAProgram() throws IOException {
    // given
    Path pid = directory.resolve("pid");
    DeviceChannel channel = run("sh -c 'echo $$ > " + pid + "; exec sleep 1000' | cat");
    ProcessHandle process = process(pid);

    // when
    channel.close();

    // then
    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void closingFromAnInterruptedThreadEndsTheProgramToo() throws IOException {
    // given
    Path pid = directory.resolve("pid");
    DeviceChannel channel = run("echo $$ > " + pid + "; exec sleep 1000");
    ProcessHandle process = process(pid);

    // when
    Thread.currentThread().interrupt();
    channel.close();

    // then
    assertThat(Thread.interrupted()).isTrue();
    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void aProgramThatDisappearsIsAFaultAtTheNextStart() throws IOException {
    // given
    Path program = directory.resolve("program");
    Files.copy(Path.of("/bin/echo"), program);
    try (DeviceChannel channel = Device.of("exec:" + program + " 1").open(0)) {
      read(channel, 2);

      // when
      Files.delete(program);

      // then
      assertThatThrownBy(
              () -> {
                while (true) {
                  channel.read(buffer.clear());
                }
              })
          .isInstanceOf(IOException.class);
    }
  }
}
