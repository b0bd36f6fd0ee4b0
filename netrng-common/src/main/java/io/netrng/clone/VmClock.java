// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The counter of restores in the VMClock device, which the hypervisor raises (struct vmclock_abi of
 * Linux, include/uapi/linux/vmclock-abi.h; specification: UAPI group, "vmclock").
 */
final class VmClock implements CloneSignal {

  static final String NAME = "vmclock";

  private static final int MAGIC = 0x4b4c_4356;
  private static final int FLAGS_OFFSET = 24;
  private static final long HAS_GENERATION_COUNTER = 1L << 8;
  private static final int GENERATION_OFFSET = 104;
  private static final int SIZE = 112;

  private final Path device;
  private long last;

  private VmClock(Path device, long generation) {
    this.device = device;
    last = generation;
  }

  /**
   * Reads the present counter; empty if the device is absent or has no such counter.
   *
   * @param device {@code /dev/vmclock0}
   * @param before the counter that this program continues from; empty for the present one
   * @throws IOException if the device exists and cannot be read
   */
  static Optional<VmClock> open(Path device, OptionalLong before) throws IOException {
    try {
      return generation(device).map(now -> new VmClock(device, before.orElse(now)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean hasFired() throws IOException {
    long before = last;
    last = generation(device).orElse(before);
    return last != before;
  }

  @Override
  public boolean isCertain() {
    return true;
  }

  @Override
  public OptionalLong counter() {
    return OptionalLong.of(last);
  }

  private static Optional<Long> generation(Path device) throws IOException {
    ByteBuffer page = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
      while (page.hasRemaining()) {
        if (channel.read(page, page.position()) < 0) {
          throw new EOFException(device + " is too short");
        }
      }
    }
    boolean hasCounter =
        page.getInt(0) == MAGIC && (page.getLong(FLAGS_OFFSET) & HAS_GENERATION_COUNTER) != 0;
    return hasCounter ? Optional.of(page.getLong(GENERATION_OFFSET)) : Optional.empty();
  }
}
