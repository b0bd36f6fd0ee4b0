// SPDX-License-Identifier: Apache-2.0
package io.netrng.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Fills a FIFO repeatedly with the bytes of a file, without a copy, by splice(2), in a separate
 * process. Ends when the reader has closed the FIFO.
 *
 * <p>Arguments: file, its size in bytes, FIFO.
 */
final class Filler {

  private static final int O_RDONLY = 0;
  private static final int O_WRONLY = 1;
  private static final int F_SETPIPE_SZ = 1031;

  /** The maximum that a process without privileges may set. */
  private static final int PIPE_SIZE = 1 << 20;

  private static final MethodHandle OPEN =
      function(
          "open",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  private static final MethodHandle FCNTL =
      function(
          "fcntl",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle SPLICE =
      function(
          "splice",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));

  private Filler() {}

  public static void main(String[] args) throws Throwable {
    long size = Long.parseLong(args[1]);
    try (Arena arena = Arena.ofConfined()) {
      int file = open(arena, args[0], O_RDONLY);
      int fifo = open(arena, args[2], O_WRONLY);
      if ((int) FCNTL.invokeExact(fifo, F_SETPIPE_SZ, PIPE_SIZE) < 0) {
        throw new IOException("the FIFO cannot be made larger");
      }
      MemorySegment position = arena.allocate(ValueLayout.JAVA_LONG);
      long moved = 1;
      // The last call fails with an error, because the JVM ignores SIGPIPE.
      while (moved > 0) {
        long left = size - position.get(ValueLayout.JAVA_LONG, 0);
        if (left == 0) {
          position.set(ValueLayout.JAVA_LONG, 0, 0);
          left = size;
        }
        moved = (long) SPLICE.invokeExact(file, position, fifo, MemorySegment.NULL, left, 0);
      }
    }
  }

  private static int open(Arena arena, String path, int flags) throws Throwable {
    int descriptor = (int) OPEN.invokeExact(arena.allocateFrom(path), flags);
    if (descriptor < 0) {
      throw new IOException(path + " cannot be opened");
    }
    return descriptor;
  }

  @SuppressWarnings("restricted") // The benchmark enables native access for this class alone.
  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().find(name).orElseThrow(), descriptor, options);
  }
}
