// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import io.netrng.posix.Descriptor;
import io.netrng.service.PassedDescriptors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the signals that this machine offers. A physical machine offers none. The kernel log
 * replaces the interrupts of ACPI, because it has no false alarms.
 *
 * @param proc {@code /proc}
 * @param sys {@code /sys}
 * @param dev {@code /dev}
 * @param passed the descriptors that the service manager has opened
 */
record CloneSignals(Path proc, Path sys, Path dev, PassedDescriptors passed) {

  private static final Logger log = LoggerFactory.getLogger(CloneSignals.class);

  private static final Path KERNEL_LOG = Path.of("/dev/kmsg");
  private static final String KERNEL_LOG_NAME = "kmsg";

  static CloneSignals ofThisMachine(PassedDescriptors passed) {
    return new CloneSignals(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"), passed);
  }

  /**
   * Finds them.
   *
   * @param replaced whether this program replaces another run, which has read the kernel log so
   *     far; otherwise the log can contain lines from long before
   */
  List<CloneSignal> find(boolean replaced) {
    List<CloneSignal> found = new ArrayList<>();
    if (!VirtualMachine.isDetected(proc, sys)) {
      return found;
    }
    if (AcpiInterrupts.hasGenerationId(sys)) {
      generationId(replaced).ifPresent(found::add);
    }
    VmClock.open(dev.resolve("vmclock0")).ifPresent(found::add);
    try {
      found.add(new ClockLeap(ClockLeap.ofThisMachine(proc)));
    } catch (IOException e) {
      logMissing("clock-leap", e);
    }
    return found;
  }

  private Optional<CloneSignal> generationId(boolean replaced) {
    OptionalInt number = passed.number(KERNEL_LOG_NAME);
    try {
      if (number.isPresent() && Descriptor.SUPPORTED) {
        KernelLog kernelLog = new KernelLog(Descriptor.inherited(number.getAsInt(), KERNEL_LOG));
        if (!replaced) {
          kernelLog.hasFired();
        }
        return Optional.of(kernelLog);
      }
      return Optional.of(new AcpiInterrupts(proc));
    } catch (IOException e) {
      logMissing(number.isPresent() ? "kernel-log" : "acpi-interrupt", e);
      return Optional.empty();
    }
  }

  static void logMissing(String signal, IOException e) {
    log.atWarn()
        .addKeyValue("signal", signal)
        .addKeyValue("reason", e.getMessage())
        .log("signal of clones cannot be read and is not watched");
  }
}
