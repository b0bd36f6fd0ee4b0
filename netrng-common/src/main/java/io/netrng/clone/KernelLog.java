// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import io.netrng.posix.Descriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The line that Linux logs when its driver of vmgenid has reseeded the kernel's generator
 * (add_vmfork_randomness of drivers/char/random.c). The service manager opens the log, so that this
 * process needs no capability.
 */
final class KernelLog implements CloneSignal {

  /** The largest record (PRINTK_MESSAGE_MAX of kernel/printk), in bytes. */
  private static final int LARGEST = 8 * 1024;

  private static final String LINE = "random: crng reseeded due to virtual machine fork";

  private final Descriptor log;
  private final ByteBuffer record = ByteBuffer.allocateDirect(LARGEST);

  /**
   * Takes over the log.
   *
   * @param log {@code /dev/kmsg}, open for reading
   */
  KernelLog(Descriptor log) {
    this.log = log;
  }

  @Override
  public String name() {
    return "kernel-log";
  }

  @Override
  public boolean hasFired() throws IOException {
    boolean fired = false;
    int read = log.readRecord(record.clear());
    while (read != 0) {
      fired |= isLine(record.flip());
      read = log.readRecord(record.clear());
    }
    return fired;
  }

  @Override
  public boolean isCertain() {
    return true;
  }

  /** A record of a program has another text before the semicolon than one of the kernel. */
  static boolean isLine(ByteBuffer record) {
    String text = StandardCharsets.UTF_8.decode(record).toString();
    int begin = text.indexOf(';') + 1;
    boolean ofKernel = text.matches("(?s)[0-7],.*");
    return ofKernel && text.startsWith(LINE, begin);
  }
}
