// SPDX-License-Identifier: Apache-2.0
package io.netrng.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The functions of the C library, as in its manual pages. A result of −1 leaves the error number in
 * the first argument, which has the layout {@link #STATE}. The numbers are the same on x86-64 and
 * aarch64.
 */
final class Libc {

  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EIO = 5;
  static final int ENXIO = 6;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int ENODEV = 19;
  static final int EPIPE = 32;

  /** The memory for the error number of a call. */
  static final StructLayout STATE = Linker.Option.captureStateLayout();

  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle OPEN =
      variadic("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle READ =
      function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle IOCTL =
      variadic("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
  private static final MethodHandle TCGETATTR =
      function("tcgetattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle TCSETATTR =
      function("tcsetattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle TCFLUSH =
      function("tcflush", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle CFSETSPEED =
      function("cfsetspeed", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CFMAKERAW =
      plain("cfmakeraw", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle STRERROR =
      plain("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private Libc() {}

  /** Does nothing. The first use of this class links all functions. */
  static void link() {}

  static int open(MemorySegment state, MemorySegment path, int flags) {
    try {
      return (int) OPEN.invokeExact(state, path, flags);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static int close(MemorySegment state, int descriptor) {
    try {
      return (int) CLOSE.invokeExact(state, descriptor);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static long read(MemorySegment state, int descriptor, MemorySegment buffer) {
    try {
      return (long) READ.invokeExact(state, descriptor, buffer, buffer.byteSize());
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static long write(MemorySegment state, int descriptor, MemorySegment buffer) {
    try {
      return (long) WRITE.invokeExact(state, descriptor, buffer, buffer.byteSize());
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Waits for one descriptor, at most this many milliseconds. */
  static int poll(MemorySegment state, MemorySegment pollfd, int millis) {
    try {
      return (int) POLL.invokeExact(state, pollfd, 1L, millis);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static int ioctl(MemorySegment state, int descriptor, long request, MemorySegment argument) {
    try {
      return (int) IOCTL.invokeExact(state, descriptor, request, argument);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static int tcgetattr(MemorySegment state, int descriptor, MemorySegment termios) {
    try {
      return (int) TCGETATTR.invokeExact(state, descriptor, termios);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static int tcsetattr(MemorySegment state, int descriptor, int when, MemorySegment termios) {
    try {
      return (int) TCSETATTR.invokeExact(state, descriptor, when, termios);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static int tcflush(MemorySegment state, int descriptor, int queue) {
    try {
      return (int) TCFLUSH.invokeExact(state, descriptor, queue);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static int cfsetspeed(MemorySegment state, MemorySegment termios, int speed) {
    try {
      return (int) CFSETSPEED.invokeExact(state, termios, speed);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  static void cfmakeraw(MemorySegment termios) {
    try {
      CFMAKERAW.invokeExact(termios);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The error number of the last call with this state. */
  static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  /** The exception of the JDK for the error of the last call with this state. */
  static IOException failure(MemorySegment state, Path path) {
    return failure(errno(state), path);
  }

  static IOException failure(int errno, Path path) {
    return switch (errno) {
      case ENOENT -> new NoSuchFileException(path.toString());
      case EACCES -> new AccessDeniedException(path.toString());
      default -> new FileSystemException(path.toString(), null, text(errno));
    };
  }

  @SuppressWarnings("restricted") // The text has no length of its own, and ends with a zero byte.
  static String text(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(Integer.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Allocates the memory for the error number of calls. */
  static MemorySegment newState(Arena arena) {
    return arena.allocate(STATE);
  }

  static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return handle(name, descriptor, Linker.Option.captureCallState("errno"));
  }

  /** A function whose second parameter is the last that its declaration names. */
  private static MethodHandle variadic(String name, FunctionDescriptor descriptor) {
    return handle(
        name,
        descriptor,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(2));
  }

  static MethodHandle plain(String name, FunctionDescriptor descriptor) {
    return handle(name, descriptor);
  }

  @SuppressWarnings("restricted") // The manifest enables native access.
  private static MethodHandle handle(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().find(name).orElseThrow(), descriptor, options);
  }
}
