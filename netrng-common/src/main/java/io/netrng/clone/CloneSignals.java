// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import io.netrng.posix.Descriptor;
import io.netrng.service.PassedDescriptors;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the signals that this machine offers. A physical machine offers none. The kernel log
 * replaces the interrupts of ACPI, because it has no false alarms. Any of these replaces the clock,
 * which leaps a second time for the same restore.
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
   * @param replaced the detection for which this program replaces another run. That run has read
   *     the kernel log and the counters so far. Empty at a first run, whose log can contain lines
   *     from long before.
   */
  List<CloneSignal> find(Optional<DetectedClone> replaced) {
    List<CloneSignal> found = new ArrayList<>();
    if (!VirtualMachine.isDetected(proc, sys)) {
      return found;
    }
    if (AcpiInterrupts.hasGenerationId(sys)) {
      generationId(replaced).ifPresent(found::add);
    }
    try {
      OptionalLong before = counter(replaced, VmClock.NAME);
      VmClock.open(dev.resolve("vmclock0"), before).ifPresent(found::add);
    } catch (IOException e) {
      logMissing(VmClock.NAME, e);
    }
    if (found.isEmpty()) {
      try {
        found.add(new ClockLeap(ClockLeap.ofThisMachine(proc)));
      } catch (IOException e) {
        logMissing("clock-leap", e);
      }
    }
    return found;
  }

  private static OptionalLong counter(Optional<DetectedClone> replaced, String signal) {
    return replaced.map(clone -> clone.counter(signal)).orElse(OptionalLong.empty());
  }

  private Optional<CloneSignal> generationId(Optional<DetectedClone> replaced) {
    OptionalInt number = passed.number(KERNEL_LOG_NAME);
    try {
      if (number.isPresent() && Descriptor.SUPPORTED) {
        KernelLog kernelLog = new KernelLog(Descriptor.inherited(number.getAsInt(), KERNEL_LOG));
        if (replaced.isEmpty()) {
          kernelLog.hasFired();
        }
        return Optional.of(kernelLog);
      }
      return Optional.of(new AcpiInterrupts(proc, counter(replaced, AcpiInterrupts.NAME)));
    } catch (IOException e) {
      logMissing(number.isPresent() ? "kernel-log" : AcpiInterrupts.NAME, e);
      return Optional.empty();
    }
  }

  static void logMissing(String signal, IOException e) {
    log.atWarn()
        .addKeyValue("signal", signal)
        .addKeyValue("reason", reason(e))
        .log("signal of clones cannot be read and is not watched");
  }

  static String reason(IOException e) {
    // Its message is the path alone.
    return e instanceof AccessDeniedException
        ? e.getMessage() + ": permission denied"
        : String.valueOf(e.getMessage());
  }
}
