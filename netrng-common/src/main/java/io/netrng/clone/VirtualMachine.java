// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Detects whether this machine is virtual, as far as a process without privileges can. */
final class VirtualMachine {

  /** The features of an x86 CPU; a hypervisor sets one of them. */
  private static final Pattern FLAGS = Pattern.compile("(?m)^flags\\s*:(.*)$");

  private static final String HYPERVISOR = " hypervisor";

  /** Vendors and products of hypervisors on other architectures, as in systemd-detect-virt(1). */
  private static final Pattern PRODUCT =
      Pattern.compile(
          "(?i)QEMU|KVM|VMware|VirtualBox|Xen|Parallels|BHYVE|Virtual Machine|OpenStack"
              + "|Google Compute Engine|Apple Virtualization|Amazon EC2");

  /** The instances of Amazon EC2 that are physical machines. */
  private static final String METAL = ".metal";

  private VirtualMachine() {}

  /**
   * Returns whether it is.
   *
   * @param proc {@code /proc}
   * @param sys {@code /sys}
   */
  static boolean isDetected(Path proc, Path sys) {
    Matcher flags = FLAGS.matcher(text(proc.resolve("cpuinfo")));
    if (flags.find()) {
      return flags.group(1).contains(HYPERVISOR);
    }
    String product = text(sys.resolve("class/dmi/id/product_name"));
    String vendor = text(sys.resolve("class/dmi/id/sys_vendor"));
    return (PRODUCT.matcher(vendor + product).find() && !product.contains(METAL))
        || text(sys.resolve("firmware/devicetree/base/compatible")).contains("dummy-virt");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
