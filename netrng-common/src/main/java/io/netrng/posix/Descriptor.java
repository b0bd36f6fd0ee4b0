// SPDX-License-Identifier: Apache-2.0
package io.netrng.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * An open file descriptor that does not block, is not inherited, and never becomes the controlling
 * terminal of this process. One thread at a time uses it. Another thread may close it: the using
 * thread then closes the number, within 100 ms, because a number that is closed under a call can
 * belong to another file by then.
 */
public final class Descriptor implements Closeable {

  /** What the descriptor is for. */
  public enum Access {
    /** Reading only. */
    READ(0),
    /** Reading and writing. */
    READ_WRITE(2);

    private final int flag;

    Access(int flag) {
      this.flag = flag;
    }
  }

  /** Whether this system is Linux. The numbers of other systems differ. */
  public static final boolean SUPPORTED = System.getProperty("os.name", "").equals("Linux");

  private static final int O_NOCTTY = 0400;
  private static final int O_NONBLOCK = 04000;
  private static final int O_CLOEXEC = 02000000;

  private static final int POLLIN = 0x1;
  private static final int POLLOUT = 0x4;

  /** POLLERR, POLLHUP and POLLNVAL. */
  private static final int POLL_ENDED = 0x38;

  /** struct pollfd: an int and two shorts. */
  private static final long POLLFD_SIZE = 8;

  private static final long POLLFD_EVENTS = 4;
  private static final long POLLFD_RESULT = 6;

  /** The longest wait until a close is noticed, in milliseconds. */
  private static final int POLL_MILLIS = 100;

  private final Path path;
  private final int number;
  private final MemorySegment state;
  private final MemorySegment pollfd;

  private final Object lock = new Object();
  private boolean inUse;
  private boolean closed;

  private Descriptor(Path path, int number, Arena arena) {
    this.path = path;
    this.number = number;
    state = Libc.newState(arena);
    pollfd = arena.allocate(POLLFD_SIZE, JAVA_INT.byteAlignment());
    pollfd.set(JAVA_INT, 0, number);
  }

  /**
   * Opens a file.
   *
   * @throws IOException as the JDK's own, with the reason of the C library
   */
  public static Descriptor open(Path path, Access access) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.newState(arena);
      MemorySegment name = arena.allocateFrom(path.toString());
      int number = Libc.open(state, name, access.flag | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
      if (number < 0) {
        throw Libc.failure(state, path);
      }
      return new Descriptor(path, number, Arena.ofAuto());
    }
  }

  /**
   * Takes over a descriptor that this process has inherited.
   *
   * @param path names it in messages
   */
  public static Descriptor inherited(int number, Path path) {
    return new Descriptor(path, number, Arena.ofAuto());
  }

  /** Returns the exception of the JDK for an error number. */
  public IOException failure(int errno) {
    return Libc.failure(errno, path);
  }

  /** Whether it is a terminal, which includes serial lines and pseudo-terminals. */
  public boolean isTerminal() throws IOException {
    begin();
    try {
      return TerminalSettings.isTerminal(state, number);
    } finally {
      end();
    }
  }

  /**
   * Applies the settings, and discards the input that arrived before them.
   *
   * @throws IOException if it is not a terminal or refuses the settings
   */
  public void apply(TerminalSettings settings) throws IOException {
    begin();
    try {
      settings.apply(state, number, path);
    } finally {
      end();
    }
  }

  /**
   * Reads what has arrived, and waits until there is a byte. The thread may be interrupted, which
   * closes the descriptor.
   *
   * @param buffers off-heap buffers
   * @return the bytes read; 0 if the buffers are full; −1 if the peer has closed or the device is
   *     gone
   * @throws AsynchronousCloseException if another thread closes the descriptor
   */
  public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    begin();
    try {
      long read = readAvailable(buffers, offset, length);
      while (read == 0 && hasSpace(buffers, offset, length)) {
        int events = await(POLLIN);
        requireOpen();
        read = readAvailable(buffers, offset, length);
        if (read == 0 && (events & POLL_ENDED) != 0) {
          return -1;
        }
      }
      return read;
    } finally {
      end();
    }
  }

  private static boolean hasSpace(ByteBuffer[] buffers, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (buffers[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  /** Reads until nothing is left or the buffers are full. */
  private long readAvailable(ByteBuffer[] buffers, int offset, int length) throws IOException {
    long all = 0;
    int i = offset;
    while (i < offset + length) {
      if (!buffers[i].hasRemaining()) {
        i++;
        continue;
      }
      long read = readAvailable(buffers[i]);
      if (read <= 0) {
        return all > 0 ? all : read;
      }
      all += read;
    }
    return all;
  }

  /** Returns 0 if nothing has arrived, and −1 at the end. */
  private long readAvailable(ByteBuffer buffer) throws IOException {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("the buffer is on the heap");
    }
    long read = Libc.read(state, number, MemorySegment.ofBuffer(buffer));
    if (read > 0) {
      buffer.position(buffer.position() + (int) read);
      return read;
    }
    if (read == 0) {
      return -1;
    }
    return switch (Libc.errno(state)) {
      case Libc.EAGAIN, Libc.EINTR -> 0;
      case Libc.EIO, Libc.ENXIO, Libc.ENODEV -> -1;
      default -> throw Libc.failure(state, path);
    };
  }

  /**
   * Reads the next record without a wait, also if the descriptor would block.
   *
   * @param record an off-heap buffer for the largest record; its position is set after the bytes
   * @return the bytes read; 0 if there is no record; −1 if records were overwritten before they
   *     were read
   * @throws IOException with the reason of the C library
   */
  public int readRecord(ByteBuffer record) throws IOException {
    begin();
    try {
      if ((await(POLLIN, 0) & POLLIN) == 0) {
        return 0;
      }
      int read = (int) Libc.read(state, number, MemorySegment.ofBuffer(record));
      if (read >= 0) {
        record.position(record.position() + read);
        return read;
      }
      return switch (Libc.errno(state)) {
        case Libc.EAGAIN, Libc.EINTR -> 0;
        case Libc.EPIPE -> -1;
        default -> throw Libc.failure(state, path);
      };
    } finally {
      end();
    }
  }

  /**
   * Sends a request to the device (ioctl(2)).
   *
   * @param argument of the request, outside the heap
   * @return the error number of the C library; 0 if the request succeeded
   */
  public int control(long request, MemorySegment argument) throws ClosedChannelException {
    begin();
    try {
      return Libc.ioctl(state, number, request, argument) < 0 ? Libc.errno(state) : 0;
    } finally {
      end();
    }
  }

  /**
   * Writes a part of a buffer without a wait.
   *
   * @param bytes an off-heap buffer, whose position is set after the last byte that was written
   * @throws IOException with the reason of the C library
   */
  public void write(ByteBuffer bytes) throws IOException {
    if (!bytes.isDirect()) {
      throw new IllegalArgumentException("the buffer is on the heap");
    }
    begin();
    try {
      long written = Libc.write(state, number, MemorySegment.ofBuffer(bytes));
      if (written < 0) {
        throw Libc.failure(state, path);
      }
      bytes.position(bytes.position() + (int) written);
    } finally {
      end();
    }
  }

  /**
   * Writes all bytes.
   *
   * @param limit the longest wait for the peer
   * @throws IOException if the peer does not take them in time
   */
  public void write(byte[] bytes, Duration limit) throws IOException {
    begin();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment left = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      long begun = System.nanoTime();
      while (left.byteSize() > 0) {
        long written = Libc.write(state, number, left);
        if (written >= 0) {
          left = left.asSlice(written);
        } else if (Libc.errno(state) != Libc.EAGAIN && Libc.errno(state) != Libc.EINTR) {
          throw Libc.failure(state, path);
        } else {
          await(POLLOUT);
          requireOpen();
          if (System.nanoTime() - begun > limit.toNanos()) {
            throw new IOException("takes no input");
          }
        }
      }
    } finally {
      end();
    }
  }

  /** Waits for these events, or for 100 ms, and returns what happened. */
  private int await(int events) throws IOException {
    return await(events, POLL_MILLIS);
  }

  private int await(int events, int millis) throws IOException {
    pollfd.set(JAVA_SHORT, POLLFD_EVENTS, (short) events);
    pollfd.set(JAVA_SHORT, POLLFD_RESULT, (short) 0);
    if (Libc.poll(state, pollfd, millis) < 0 && Libc.errno(state) != Libc.EINTR) {
      throw Libc.failure(state, path);
    }
    return pollfd.get(JAVA_SHORT, POLLFD_RESULT);
  }

  private void requireOpen() throws ClosedChannelException {
    if (!isOpen()) {
      throw new AsynchronousCloseException();
    }
    if (Thread.currentThread().isInterrupted()) {
      close();
      throw new ClosedByInterruptException();
    }
  }

  private void begin() throws ClosedChannelException {
    synchronized (lock) {
      if (closed) {
        throw new ClosedChannelException();
      }
      if (inUse) {
        throw new IllegalStateException("another thread uses " + path);
      }
      inUse = true;
    }
  }

  private void end() {
    synchronized (lock) {
      inUse = false;
      if (closed) {
        closeNumber();
      }
    }
  }

  /** Whether it has not been closed. */
  public boolean isOpen() {
    synchronized (lock) {
      return !closed;
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        if (!inUse) {
          closeNumber();
        }
      }
    }
  }

  /** Linux frees the number in any case, so that an error has no consequence. */
  private void closeNumber() {
    var _ = Libc.close(state, number);
  }
}
