// SPDX-License-Identifier: Apache-2.0
package io.netrng.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netrng.posix.Descriptor.Access;
import io.netrng.testkit.Pty;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorTest {

  private static final long RNDGETENTCNT = 0x8004_5200L;
  private static final int EINVAL = 22;

  @TempDir Path directory;

  private static long read(Descriptor descriptor, ByteBuffer buffer) throws IOException {
    return descriptor.read(new ByteBuffer[] {buffer}, 0, 1);
  }

  /** Starts a thread that reads until this fails. */
  private static Thread reading(Descriptor descriptor, AtomicReference<@Nullable Throwable> end) {
    return Thread.ofPlatform()
        .start(() -> end.set(catchThrowable(() -> read(descriptor, ByteBuffer.allocateDirect(1)))));
  }

  private static void awaitPoll(Thread thread) {
    await("the thread waits for a byte")
        .until(() ->
            Stream.of(thread.getStackTrace()).anyMatch(f -> f.getMethodName().equals("poll")));
  }

  /** The open files of this process at this path. */
  private static long open(Path path) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(d -> leadsTo(d, path)).count();
    }
  }

  private static boolean leadsTo(Path descriptor, Path path) {
    try {
      return Files.readSymbolicLink(descriptor).equals(path);
    } catch (IOException e) {
      // The descriptor of the listing itself is closed by now.
      return false;
    }
  }

  @Test
  void reportsAMissingFileAsTheJdkDoes() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Descriptor.open(directory.resolve("none"), Access.READ));
  }

  @Test
  void reportsAnotherFailureWithTheTextOfTheCLibrary() {
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> Descriptor.open(directory, Access.READ_WRITE))
        .satisfies(e -> assertThat(e.getReason()).isEqualTo("Is a directory"));
  }

  @Test
  void isATerminalOnlyIfItIs() throws IOException {
    try (Pty pty = Pty.open();
        Descriptor terminal = Descriptor.open(pty.path(), Access.READ);
        Descriptor device = Descriptor.open(Path.of("/dev/urandom"), Access.READ)) {
      assertThat(terminal.isTerminal()).isTrue();
      assertThat(device.isTerminal()).isFalse();
    }
  }

  @Test
  void reportsTheErrorNumberOfARequest() throws IOException {
    try (Descriptor device = Descriptor.open(Path.of("/dev/random"), Access.READ)) {
      assertThat(device.control(RNDGETENTCNT, Arena.ofAuto().allocate(Integer.BYTES))).isZero();
      int noSuchRequest = device.control(0, MemorySegment.NULL);
      assertThat(noSuchRequest).isEqualTo(EINVAL);
      assertThat(device.failure(noSuchRequest)).hasMessage("/dev/random: Invalid argument");
    }
  }

  @Test
  void writesABufferFromItsPosition() throws IOException {
    try (Descriptor device = Descriptor.open(Path.of("/dev/null"), Access.READ_WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(10).position(3);
      device.write(bytes);
      assertThat(bytes.position()).isEqualTo(10);
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> device.write(ByteBuffer.allocate(1)));
    }
    try (Descriptor readOnly = Descriptor.open(Path.of("/dev/null"), Access.READ)) {
      assertThatExceptionOfType(FileSystemException.class)
          .isThrownBy(() -> readOnly.write(ByteBuffer.allocateDirect(1)))
          .withMessage("/dev/null: Bad file descriptor");
    }
  }

  @Test
  void readsIntoSeveralBuffersAndMovesTheirPositions() throws IOException {
    try (Descriptor device = Descriptor.open(Path.of("/dev/zero"), Access.READ)) {
      // given
      ByteBuffer[] buffers = {
        ByteBuffer.allocateDirect(3), ByteBuffer.allocateDirect(10).limit(7).position(2)
      };

      // when
      long read = device.read(buffers, 0, 2);

      // then
      assertThat(read).isEqualTo(8);
      assertThat(buffers[0].position()).isEqualTo(3);
      assertThat(buffers[1].position()).isEqualTo(7);
      // and
      assertThat(device.read(buffers, 0, 2)).as("bytes read into full buffers").isZero();
    }
  }

  @Test
  void refusesABufferOnTheHeap() throws IOException {
    try (Descriptor device = Descriptor.open(Path.of("/dev/zero"), Access.READ)) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> read(device, ByteBuffer.allocate(1)));
    }
  }

  @Test
  void endsAReadThatWaitsWhenAnotherThreadCloses() throws Exception {
    try (Pty pty = Pty.open()) {
      // given
      Descriptor descriptor = Descriptor.open(pty.path(), Access.READ);
      AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
      Thread thread = reading(descriptor, end);
      awaitPoll(thread);

      // when
      descriptor.close();

      // then
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
      assertThat(end.get()).isInstanceOf(AsynchronousCloseException.class);
      assertThat(descriptor.isOpen()).isFalse();
      assertThat(open(pty.path())).as("open descriptors").isZero();
      // and
      assertThatExceptionOfType(ClosedChannelException.class)
          .isThrownBy(() -> read(descriptor, ByteBuffer.allocateDirect(1)));
    }
  }

  @Test
  void endsAReadThatWaitsWhenItsThreadIsInterrupted() throws Exception {
    try (Pty pty = Pty.open()) {
      // given
      Descriptor descriptor = Descriptor.open(pty.path(), Access.READ);
      AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
      Thread thread = reading(descriptor, end);
      awaitPoll(thread);

      // when
      thread.interrupt();

      // then
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
      assertThat(end.get()).isInstanceOf(ClosedByInterruptException.class);
      assertThat(open(pty.path())).as("open descriptors").isZero();
    }
  }

  @Test
  void closesItsNumberAtOnceWhileNobodyReads() throws IOException {
    try (Pty pty = Pty.open()) {
      // given
      Descriptor descriptor = Descriptor.open(pty.path(), Access.READ);
      assertThat(open(pty.path())).isEqualTo(1);

      // when
      descriptor.close();
      descriptor.close();

      // then
      assertThat(open(pty.path())).isZero();
    }
  }

  @Test
  void failsAWriteThatThePeerDoesNotTake() throws IOException {
    try (Pty pty = Pty.open();
        Descriptor descriptor = Descriptor.open(pty.path(), Access.READ_WRITE)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> descriptor.write(new byte[1 << 20], Duration.ofMillis(1)))
          .withMessage("takes no input");
    }
  }
}
