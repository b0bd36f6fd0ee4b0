// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.device.Device;
import io.netrng.server.device.DeviceInfo;
import io.netrng.server.device.DeviceWarning;
import io.netrng.server.device.HardwareRng;
import io.netrng.server.healthtest.EntropyEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Observes what a device is and whether it can be trusted, and logs changes. All methods may be
 * called from any thread.
 */
final class DeviceWatch {

  private static final Logger log = LoggerFactory.getLogger(DeviceWatch.class);

  private final Device device;
  private final double claim;
  private final Supplier<EntropyEstimate> figures;
  private volatile DeviceInfo info;
  private volatile List<DeviceWarning> warnings = List.of();

  /**
   * Creates a watch that has looked at the device, and has logged nothing.
   *
   * @param claim the claimed min-entropy of each byte, in bits
   * @param figures the statistics of the device's bytes
   */
  DeviceWatch(Device device, double claim, Supplier<EntropyEstimate> figures) {
    this.device = device;
    this.claim = claim;
    this.figures = figures;
    info = device.info();
  }

  /** The claimed min-entropy of each byte, in bits. */
  double claim() {
    return claim;
  }

  /** What the device is. */
  DeviceInfo info() {
    return info;
  }

  /** The reasons not to trust the device. */
  List<DeviceWarning> warnings() {
    return warnings;
  }

  /**
   * Looks at the device. This takes system calls.
   *
   * @return whether the device has another driver than before
   */
  synchronized boolean look() {
    DeviceInfo before = info;
    info = device.info();
    boolean changed = isDrivenByAnother(before.hardwareRng(), info.hardwareRng());
    if (changed) {
      log.atWarn()
          .addKeyValue("device", device.name())
          .addKeyValue("before", before.description())
          .addKeyValue("now", info.description())
          .log("device changed");
    }
    warn();
    return changed;
  }

  private static boolean isDrivenByAnother(
      @Nullable HardwareRng before, @Nullable HardwareRng now) {
    return before != null && now != null && !before.current().equals(now.current());
  }

  private void warn() {
    List<DeviceWarning> before = warnings;
    List<DeviceWarning> now = new ArrayList<>(info.warnings());
    EntropyEstimate estimate = figures.get();
    if (estimate.isBelow(claim)) {
      now.add(
          new DeviceWarning(
              DeviceWarning.Kind.MIN_ENTROPY,
              String.format(
                  Locale.ROOT,
                  "its bytes have at most %.2f bits of min-entropy, and %s are claimed",
                  estimate.minEntropyAtMost(),
                  claim)));
    }
    now.stream()
        .filter(warning -> !contains(before, warning.kind()))
        .forEach(warning ->
            log.atWarn()
                .addKeyValue("device", device.name())
                .addKeyValue("warning", warning.kind().externalName())
                .addKeyValue("reason", warning.text())
                .log("device needs attention"));
    before.stream()
        .filter(warning -> !contains(now, warning.kind()))
        .forEach(warning ->
            log.atInfo()
                .addKeyValue("device", device.name())
                .addKeyValue("warning", warning.kind().externalName())
                .log("device no longer needs attention"));
    warnings = List.copyOf(now);
  }

  private static boolean contains(List<DeviceWarning> warnings, DeviceWarning.Kind kind) {
    return warnings.stream().anyMatch(warning -> warning.kind() == kind);
  }
}
