// SPDX-License-Identifier: Apache-2.0
package io.netrng.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Replaces the program of this process by a new run of the same one (execve(2)). The number of the
 * process, its standard streams, its user and its capabilities stay. Its memory, its threads and
 * its other descriptors end.
 */
public final class ProcessImage {

  private static final Path PROC = Path.of("/proc/self");

  /** Linux appends this to the path of a program whose file was replaced, such as by an upgrade. */
  private static final String DELETED = " (deleted)";

  private static final int CLOSE_RANGE_CLOEXEC = 4;
  private static final int SIG_SETMASK = 2;

  /** More than the size of sigset_t. */
  private static final int SIGSET_SIZE = 1_024;

  private static final MemorySegment SIG_IGN = MemorySegment.ofAddress(1);

  private ProcessImage() {}

  /**
   * Replaces the program. Does not return if it succeeds.
   *
   * @param variable a variable of the environment, which replaces an earlier value
   * @param value of the variable
   * @param keptDescriptors the number of descriptors after the standard streams that stay open
   * @param ignoredSignal the number of a signal that is ignored until the new program handles it
   * @return why it could not be replaced; the descriptors are then still open
   */
  public static IOException replace(
      String variable, String value, int keptDescriptors, int ignoredSignal) {
    try (Arena arena = Arena.ofConfined()) {
      Path program = PROC.resolve("exe");
      String target = Files.readSymbolicLink(program).toString();
      List<byte[]> environment = strings("environ");
      byte[] prefix = (variable + "=").getBytes(StandardCharsets.UTF_8);
      environment.removeIf(entry -> startsWith(entry, prefix));
      environment.add((variable + "=" + value).getBytes(StandardCharsets.UTF_8));
      return replace(
          arena,
          arena.allocateFrom(
              target.endsWith(DELETED)
                  ? target.substring(0, target.length() - DELETED.length())
                  : target),
          array(arena, strings("cmdline")),
          array(arena, environment),
          3 + keptDescriptors,
          ignoredSignal);
    } catch (IOException e) {
      return e;
    }
  }

  private static IOException replace(
      Arena arena,
      MemorySegment program,
      MemorySegment arguments,
      MemorySegment environment,
      int firstClosed,
      int ignoredSignal) {
    MemorySegment state = Libc.newState(arena);
    MemorySegment noSignals = arena.allocate(SIGSET_SIZE);
    try {
      if ((int) Calls.CLOSE_RANGE.invokeExact(state, firstClosed, -1, CLOSE_RANGE_CLOEXEC) < 0) {
        return failure(state, "close_range");
      }
      var _ = (MemorySegment) Calls.SIGNAL.invokeExact(ignoredSignal, SIG_IGN);
      // The JDK blocks a signal in all threads but one, and a new program would inherit that.
      int unblocked =
          (int) Calls.PTHREAD_SIGMASK.invokeExact(SIG_SETMASK, noSignals, MemorySegment.NULL);
      if (unblocked != 0) {
        return new IOException("pthread_sigmask failed with error " + unblocked);
      }
      var _ = (int) Calls.EXECVE.invokeExact(state, program, arguments, environment);
      return failure(state, "execve");
    } catch (Throwable e) {
      // Such as a C library without one of the functions.
      return new IOException(e.toString(), e);
    }
  }

  private static IOException failure(MemorySegment state, String call) {
    return new IOException(call + ": " + Libc.text(Libc.errno(state)));
  }

  /** Returns the strings of a file of the kernel, each without the zero byte after it. */
  private static List<byte[]> strings(String name) throws IOException {
    byte[] all = Files.readAllBytes(PROC.resolve(name));
    List<byte[]> strings = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < all.length; i++) {
      if (all[i] == 0) {
        strings.add(Arrays.copyOfRange(all, begin, i));
        begin = i + 1;
      }
    }
    return strings;
  }

  private static boolean startsWith(byte[] text, byte[] prefix) {
    return text.length >= prefix.length
        && Arrays.equals(text, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** An array of pointers to strings, which ends with a null pointer. */
  private static MemorySegment array(Arena arena, List<byte[]> strings) {
    MemorySegment array = arena.allocate(ADDRESS, strings.size() + 1);
    for (int i = 0; i < strings.size(); i++) {
      byte[] string = strings.get(i);
      MemorySegment copy = arena.allocate(string.length + 1);
      MemorySegment.copy(string, 0, copy, JAVA_BYTE, 0, string.length);
      array.setAtIndex(ADDRESS, i, copy);
    }
    return array;
  }

  /** Linked at the first use, because most processes never need them. */
  private static final class Calls {

    static final MethodHandle EXECVE =
        Libc.function("execve", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

    /** In the C library since glibc 2.34, in the kernel since Linux 5.11. */
    static final MethodHandle CLOSE_RANGE =
        Libc.function("close_range", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

    static final MethodHandle PTHREAD_SIGMASK =
        Libc.plain("pthread_sigmask", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    static final MethodHandle SIGNAL =
        Libc.plain("signal", FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS));

    private Calls() {}
  }
}
