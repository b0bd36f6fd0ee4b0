// SPDX-License-Identifier: Apache-2.0
package io.netrng.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * The settings of a terminal that passes on all bytes unchanged: raw mode, no flow control, modem
 * status lines ignored, DTR and RTS set (termios(3), ioctl_tty(2)).
 *
 * @param speed bits per second, one of {@link #SPEEDS}
 * @param parity the parity bit of the line
 * @param closing what happens to DTR when the last process closes the terminal
 */
public record TerminalSettings(int speed, Parity parity, Closing closing) {

  /** The speeds of glibc, in bits per second. */
  public static final List<Integer> SPEEDS =
      List.of(
          50, 75, 110, 134, 150, 200, 300, 600, 1_200, 1_800, 2_400, 4_800, 9_600, 19_200, 38_400,
          57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000, 1_152_000,
          1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000);

  /** The parity bit. A wrong one is not detected. */
  public enum Parity {
    /** No parity bit. */
    NONE(0),
    /** Odd parity. */
    ODD(PARENB | PARODD),
    /** Even parity. */
    EVEN(PARENB);

    private final int flags;

    Parity(int flags) {
      this.flags = flags;
    }
  }

  /** What happens to DTR at the last close. */
  public enum Closing {
    /** DTR stays set. */
    KEEP_DTR(0),
    /** DTR is cleared. */
    CLEAR_DTR(HUPCL);

    private final int flags;

    Closing(int flags) {
      this.flags = flags;
    }
  }

  private static final int CREAD = 0200;
  private static final int PARENB = 0400;
  private static final int PARODD = 01000;
  private static final int HUPCL = 02000;
  private static final int CLOCAL = 04000;
  private static final int CMSPAR = 0x4000_0000;
  private static final int CRTSCTS = 0x8000_0000;

  private static final int TCSANOW = 0;
  private static final int TCIFLUSH = 0;
  private static final long TIOCMBIS = 0x5416;
  private static final int TIOCM_DTR = 0x002;
  private static final int TIOCM_RTS = 0x004;

  /** struct termios of glibc, in bytes. */
  private static final long TERMIOS_SIZE = 60;

  private static final long C_IFLAG = 0;
  private static final long C_CFLAG = 8;

  static boolean isTerminal(MemorySegment state, int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      return Libc.tcgetattr(state, descriptor, termios(arena)) == 0;
    }
  }

  void apply(MemorySegment state, int descriptor, Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment termios = termios(arena);
      require(Libc.tcgetattr(state, descriptor, termios), state, path);
      Libc.cfmakeraw(termios);
      // cfmakeraw leaves XOFF, which would be sent to the device, and the check of the parity.
      termios.set(JAVA_INT, C_IFLAG, 0);
      int cleared = HUPCL | CRTSCTS | PARENB | PARODD | CMSPAR;
      int flags = termios.get(JAVA_INT, C_CFLAG) & ~cleared;
      termios.set(JAVA_INT, C_CFLAG, flags | CLOCAL | CREAD | parity.flags | closing.flags);
      require(Libc.cfsetspeed(state, termios, speed), state, path);
      require(Libc.tcsetattr(state, descriptor, TCSANOW, termios), state, path);
      MemorySegment lines = arena.allocateFrom(JAVA_INT, TIOCM_DTR | TIOCM_RTS);
      // Pseudo-terminals have no such lines and refuse it.
      var _ = Libc.ioctl(state, descriptor, TIOCMBIS, lines);
      // What arrived before was processed by the former settings.
      require(Libc.tcflush(state, descriptor, TCIFLUSH), state, path);
    }
  }

  private static MemorySegment termios(Arena arena) {
    return arena.allocate(TERMIOS_SIZE, JAVA_INT.byteAlignment());
  }

  private static void require(int result, MemorySegment state, Path path) throws IOException {
    if (result < 0) {
      throw Libc.failure(state, path);
    }
  }
}
