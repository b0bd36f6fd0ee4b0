// SPDX-License-Identifier: Apache-2.0
package io.netrng.testkit;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A pseudo-terminal: a serial line without hardware. This object is the device at the end of the
 * line; closing it unplugs the device. No call waits for longer than ten seconds. One thread at a
 * time may use it, and {@link #close} must follow the last call.
 */
public final class Pty implements AutoCloseable {

  private static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0400;
  private static final int O_NONBLOCK = 04000;
  private static final int O_CLOEXEC = 02000000;
  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int PATH_SIZE = 64;
  private static final int CHUNK = 1 << 16;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle OPEN =
      function("posix_openpt", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle UNLOCK =
      function("unlockpt", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle NAME =
      function("ptsname_r", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle READ =
      function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final int master;
  private final Path path;
  private final MemorySegment chunk = Arena.ofAuto().allocate(CHUNK);
  private final MemorySegment pollfd = Arena.ofAuto().allocate(8, 4);
  private boolean closed;

  private Pty(int master, Path path) {
    this.master = master;
    this.path = path;
  }

  /** Makes a pseudo-terminal in the default mode, which changes bytes. */
  public static Pty open() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int master = (int) OPEN.invokeExact(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
      MemorySegment name = arena.allocate(PATH_SIZE);
      if (master < 0
          || (int) UNLOCK.invokeExact(master) != 0
          || (int) NAME.invokeExact(master, name, (long) PATH_SIZE) != 0) {
        throw new IOException("there is no pseudo-terminal");
      }
      return new Pty(master, Path.of(name.getString(0)));
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The path that a reader opens. */
  public Path path() {
    return path;
  }

  /**
   * Sends bytes to the reader.
   *
   * @throws IOException if nobody reads for ten seconds
   */
  public void write(byte[] bytes) throws IOException {
    write(bytes, PATIENCE);
  }

  /**
   * Sends bytes to the reader.
   *
   * @throws IOException if nobody reads for this time
   */
  public void write(byte[] bytes, Duration patience) throws IOException {
    int written = 0;
    while (written < bytes.length) {
      await(POLLOUT, patience, "nobody reads");
      int length = Math.min(CHUNK, bytes.length - written);
      MemorySegment.copy(bytes, written, chunk, ValueLayout.JAVA_BYTE, 0, length);
      written += Math.max(0, (int) call(WRITE, length));
    }
  }

  /**
   * Receives what the other side has written, at least a byte.
   *
   * @throws IOException if nothing arrives for ten seconds
   */
  public byte[] read() throws IOException {
    await(POLLIN, PATIENCE, "nobody writes");
    long length = Math.max(0, call(READ, CHUNK));
    return chunk.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Whether the other side has written something that was not received. */
  public boolean hasInput() {
    return poll(POLLIN, Duration.ZERO);
  }

  private void await(short event, Duration patience, String problem) throws IOException {
    if (!poll(event, patience)) {
      throw new IOException(problem);
    }
  }

  private boolean poll(short event, Duration patience) {
    int millis = (int) patience.toMillis();
    pollfd.set(JAVA_INT, 0, master);
    pollfd.set(JAVA_SHORT, 4, event);
    try {
      return (int) POLL.invokeExact(pollfd, 1L, millis) > 0
          && (pollfd.get(JAVA_SHORT, 6) & event) != 0;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private long call(MethodHandle function, long length) {
    try {
      return (long) function.invokeExact(master, chunk, length);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        int _ = (int) CLOSE.invokeExact(master);
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
    }
  }

  @SuppressWarnings("restricted") // Tests and the benchmark enable native access.
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), descriptor);
  }
}
