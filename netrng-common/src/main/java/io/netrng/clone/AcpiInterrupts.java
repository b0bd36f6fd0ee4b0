// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The interrupts of ACPI, in a virtual machine with a vmgenid device. The hypervisor raises one
 * when it has restored the machine. It raises others too, such as for a plugged device, so this
 * signal has false alarms.
 */
final class AcpiInterrupts implements CloneSignal {

  static final String NAME = "acpi-interrupt";

  private static final Pattern SPACE = Pattern.compile("\\s+");

  /** Drivers that share an interrupt are named after each other. */
  private static final Pattern SEPARATOR = Pattern.compile("[\\s,]+");

  /** The names of the interrupts: x86, hardware-reduced ACPI, and device tree since Linux 6.10. */
  private static final List<String> NAMES = List.of("acpi", "ACPI:Ged", "vmgenid");

  private final Path interrupts;
  private long last;

  /**
   * Reads the present count.
   *
   * @param proc {@code /proc}
   * @param before the count that this program continues from; empty for the present one
   * @throws IOException if it cannot be read or contains no such interrupt
   */
  AcpiInterrupts(Path proc, OptionalLong before) throws IOException {
    interrupts = proc.resolve("interrupts");
    last = before.orElse(count());
  }

  /**
   * Returns whether a driver of vmgenid is bound to a device.
   *
   * @param sys {@code /sys}
   */
  static boolean hasGenerationId(Path sys) {
    return Stream.of("acpi", "platform")
        .map(bus -> sys.resolve("bus").resolve(bus).resolve("drivers/vmgenid"))
        .anyMatch(AcpiInterrupts::isBound);
  }

  /** The directory of a driver contains a link for each of its devices, and one for its module. */
  private static boolean isBound(Path driver) {
    try (Stream<Path> entries = Files.list(driver)) {
      return entries.anyMatch(entry -> Files.isSymbolicLink(entry) && !entry.endsWith("module"));
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean hasFired() throws IOException {
    long before = last;
    last = count();
    return last > before;
  }

  @Override
  public boolean isCertain() {
    return false;
  }

  @Override
  public OptionalLong counter() {
    return OptionalLong.of(last);
  }

  private long count() throws IOException {
    List<String> lines = Files.readAllLines(interrupts);
    List<String> ours = lines.stream().filter(AcpiInterrupts::isOurs).toList();
    if (ours.isEmpty()) {
      throw new IOException(interrupts + " contains no interrupt of ACPI");
    }
    return ours.stream().mapToLong(AcpiInterrupts::sum).sum();
  }

  private static boolean isOurs(String line) {
    return SEPARATOR.splitAsStream(line).anyMatch(NAMES::contains);
  }

  /** The sum of all CPUs: the numbers that follow the number of the interrupt. */
  private static long sum(String line) {
    return Arrays.stream(SPACE.split(line.strip()))
        .skip(1)
        .takeWhile(column -> column.matches("[0-9]+"))
        .mapToLong(Long::parseLong)
        .sum();
  }
}
