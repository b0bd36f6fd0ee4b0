// SPDX-License-Identifier: Apache-2.0
package io.netrng.clone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.posix.Descriptor;
import io.netrng.posix.Descriptor.Access;
import io.netrng.service.PassedDescriptors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The files are those of Linux 6.1 in QEMU, and of Linux 6.18 in Firecracker. */
@ExtendWith(OutputCaptureExtension.class)
class CloneSignalsTest {

  @TempDir Path root;

  private Path proc;
  private Path sys;
  private Path dev;

  @BeforeEach
  void createDirectories() throws IOException {
    proc = Files.createDirectory(root.resolve("proc"));
    sys = Files.createDirectory(root.resolve("sys"));
    dev = Files.createDirectory(root.resolve("dev"));
  }

  private void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void interrupts(String... lines) throws IOException {
    write(
        proc.resolve("interrupts"),
        "            CPU0       CPU1\n  4:        111   IO-APIC   4-edge      ttyS0\n"
            + String.join("\n", lines)
            + "\nLOC:        490        490   Local timer interrupts\nERR:          0\n");
  }

  private void bindVmgenid(String bus) throws IOException {
    Path driver = Files.createDirectories(sys.resolve("bus/" + bus + "/drivers/vmgenid"));
    Files.createSymbolicLink(driver.resolve("QEMUVGID:00"), Path.of("../../devices/x"));
  }

  private void makeVirtual() throws IOException {
    write(proc.resolve("cpuinfo"), "flags\t\t: fpu vme hypervisor lahf_lm\n");
    write(proc.resolve("uptime"), "350.00 1.00\n");
  }

  private List<String> found() {
    return new CloneSignals(proc, sys, dev, new PassedDescriptors(List.of()))
        .find(Optional.empty()).stream().map(CloneSignal::name).toList();
  }

  @Nested
  class OfAcpi {

    @ParameterizedTest
    @ValueSource(
        strings = {
          "IO-APIC   9-fasteoi   acpi",
          "IO-APIC   9-fasteoi   acpi, i801_smbus",
          "IO-APIC   9-fasteoi   i801_smbus, acpi",
          "GICv3  33 Edge      ACPI:Ged"
        })
    void firesOnceForEachRise(String name) throws IOException {
      interrupts("  9:          0          1   " + name);
      AcpiInterrupts acpi = new AcpiInterrupts(proc, OptionalLong.empty());
      assertThat(acpi.hasFired()).isFalse();

      interrupts("  9:          1          1   " + name);

      assertThat(acpi.hasFired()).isTrue();
      assertThat(acpi.hasFired()).isFalse();
    }

    @Test
    void continuesFromTheCountOfTheProgramThatItReplaces() throws IOException {
      interrupts("  9:          3   IO-APIC   9-fasteoi   acpi");
      assertThat(new AcpiInterrupts(proc, OptionalLong.of(3)).hasFired()).isFalse();

      AcpiInterrupts acpi = new AcpiInterrupts(proc, OptionalLong.of(2));

      assertThat(acpi.hasFired()).isTrue();
      assertThat(acpi.counter()).hasValue(3);
    }

    @Test
    void addsUpAllInterruptsOfAcpi() throws IOException {
      interrupts("24:  1 0  IO-APIC  5-edge  ACPI:Ged", "25:  0 1  IO-APIC  6-edge  ACPI:Ged");
      AcpiInterrupts acpi = new AcpiInterrupts(proc, OptionalLong.empty());

      interrupts("24:  1 0  IO-APIC  5-edge  ACPI:Ged", "25:  0 2  IO-APIC  6-edge  ACPI:Ged");

      assertThat(acpi.hasFired()).isTrue();
    }

    @Test
    void ignoresOtherInterrupts() throws IOException {
      interrupts(
          "  8:          1   IO-APIC   8-edge      rtc0", "  9:  5   IO-APIC   9-edge  acpi");
      AcpiInterrupts acpi = new AcpiInterrupts(proc, OptionalLong.empty());

      interrupts(
          "  8:          7   IO-APIC   8-edge      rtc0", "  9:  5   IO-APIC   9-edge  acpi");

      assertThat(acpi.hasFired()).isFalse();
    }

    /** Container runtimes hide the file. */
    @Test
    void isUnreadableIfTheFileIsEmpty() throws IOException {
      write(proc.resolve("interrupts"), "");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> new AcpiInterrupts(proc, OptionalLong.empty()))
          .withMessageContaining("contains no interrupt of ACPI");
    }

    @Test
    void needsADeviceThatIsBoundToTheDriver() throws IOException {
      Path driver = Files.createDirectories(sys.resolve("bus/acpi/drivers/vmgenid"));
      write(driver.resolve("bind"), "");
      Files.createSymbolicLink(driver.resolve("module"), Path.of("../../module/vmgenid"));
      assertThat(AcpiInterrupts.hasGenerationId(sys)).isFalse();

      bindVmgenid("platform");

      assertThat(AcpiInterrupts.hasGenerationId(sys)).isTrue();
    }
  }

  @Nested
  class OfTheKernelLog {

    private static boolean isLine(String record) {
      return KernelLog.isLine(ByteBuffer.wrap(record.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void recognisesTheLineOfTheKernel() {
      assertThat(isLine("5,346,3142897,-;random: crng reseeded due to virtual machine fork\n"))
          .isTrue();
    }

    @Test
    void ignoresOtherLinesAndTheSameLineOfAProgram() {
      assertThat(isLine("5,346,3142897,-;random: crng init done\n")).isFalse();
      assertThat(isLine("13,346,3142897,-;random: crng reseeded due to virtual machine fork\n"))
          .isFalse();
      assertThat(isLine("5,346,1,-;x: random: crng reseeded due to virtual machine fork\n"))
          .isFalse();
    }

    @Test
    void readsAllRecordsWithoutAWait() throws Exception {
      Path fifo = root.resolve("kmsg");
      assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
      try (Descriptor log = Descriptor.open(fifo, Access.READ_WRITE)) {
        KernelLog signal = new KernelLog(log);
        assertThat(signal.hasFired()).isFalse();

        Files.writeString(
            fifo,
            "5,346,3142897,-;random: crng reseeded due to virtual machine fork\n",
            StandardOpenOption.WRITE);

        assertThat(signal.hasFired()).isTrue();
        assertThat(signal.hasFired()).isFalse();
      }
    }
  }

  @Nested
  class OfVmClock {

    private Path write(int magic, long flags, long generation) throws IOException {
      ByteBuffer page = ByteBuffer.allocate(4_096).order(ByteOrder.LITTLE_ENDIAN);
      page.putInt(0, magic).putLong(24, flags).putLong(104, generation);
      return Files.write(dev.resolve("vmclock0"), page.array());
    }

    private static Optional<VmClock> open(Path device) throws IOException {
      return VmClock.open(device, OptionalLong.empty());
    }

    @Test
    void firesWhenTheGenerationChanges() throws IOException {
      VmClock clock = open(write(0x4b4c4356, 0x101, 7)).orElseThrow();
      assertThat(clock.hasFired()).isFalse();

      write(0x4b4c4356, 0x101, 8);

      assertThat(clock.hasFired()).isTrue();
      assertThat(clock.hasFired()).isFalse();
      assertThat(clock.counter()).hasValue(8);
    }

    @Test
    void continuesFromTheGenerationOfTheProgramThatItReplaces() throws IOException {
      Path device = write(0x4b4c4356, 0x101, 7);
      assertThat(VmClock.open(device, OptionalLong.of(7)).orElseThrow().hasFired()).isFalse();
      assertThat(VmClock.open(device, OptionalLong.of(8)).orElseThrow().hasFired()).isTrue();
    }

    @Test
    void isAbsentWithoutACounterOrADevice() throws IOException {
      assertThat(open(dev.resolve("none"))).isEmpty();
      assertThat(open(write(0x4b4c4356, 0x1, 7))).isEmpty();
      assertThat(open(write(1, 0x100, 7))).isEmpty();
    }

    @Test
    void isReportedIfItExistsAndCannotBeRead(CapturedOutput output) throws IOException {
      makeVirtual();
      // The tests run as root, who may read any file: a directory takes the place of one that
      // cannot be read.
      Files.createDirectory(dev.resolve("vmclock0"));
      assertThat(found()).containsExactly("clock-leap");
      assertThat(output).contains("signal of clones cannot be read and is not watched");
    }

    @Test
    void aDeniedAccessHasAReason() {
      assertThat(CloneSignals.reason(new AccessDeniedException("/dev/vmclock0")))
          .isEqualTo("/dev/vmclock0: permission denied");
    }

    @Test
    void isReportedIfItIsTooShort() throws IOException {
      Path device = Files.write(dev.resolve("short"), new byte[50]);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> open(device))
          .withMessageEndingWith("short is too short");
    }
  }

  @Nested
  class OfTheClocks {

    private long realtime = 1_700_000_000_000L;
    private long monotonic = 100_000;
    private long boottime = 100_000;

    private ClockLeap leap() throws IOException {
      return new ClockLeap(
          new ClockLeap.Clocks() {
            @Override
            public long realtime() {
              return realtime;
            }

            @Override
            public long monotonic() {
              return monotonic;
            }

            @Override
            public long boottime() {
              return boottime;
            }
          });
    }

    private void pass(long millis) {
      realtime += millis;
      monotonic += millis;
      boottime += millis;
    }

    @Test
    void fireForALeapOfMoreThanFiveSeconds() throws IOException {
      ClockLeap leap = leap();
      pass(1_000);
      realtime += 5_001;
      assertThat(leap.hasFired()).isTrue();
      pass(1_000);
      assertThat(leap.hasFired()).isFalse();
    }

    @Test
    void doNotFireForACorrectionOrABackwardLeap() throws IOException {
      ClockLeap leap = leap();
      pass(1_000);
      realtime += 5_000;
      assertThat(leap.hasFired()).isFalse();
      realtime -= 3_600_000;
      assertThat(leap.hasFired()).isFalse();
    }

    @Test
    void doNotFireAfterASuspend() throws IOException {
      ClockLeap leap = leap();
      realtime += 60_000;
      boottime += 60_000;
      assertThat(leap.hasFired()).isFalse();
    }

    @Test
    void ofThisMachineAreInMilliseconds() throws IOException {
      write(proc.resolve("uptime"), "350735.47 234388.90\n");
      assertThat(ClockLeap.ofThisMachine(proc).boottime()).isEqualTo(350_735_470);
    }
  }

  @Nested
  class OfAMachine {

    @Test
    void areNoneOnAPhysicalMachine() throws IOException {
      makeVirtual();
      write(proc.resolve("cpuinfo"), "flags\t\t: fpu vme vmx lahf_lm\n");
      bindVmgenid("acpi");
      interrupts("  9:          0   IO-APIC   9-fasteoi   acpi");
      assertThat(found()).isEmpty();
    }

    @Test
    void areTheClocksWithoutASignalOfTheHypervisor() throws IOException {
      makeVirtual();
      assertThat(found()).containsExactly("clock-leap");
    }

    @Test
    void includeTheInterruptsWithVmgenid() throws IOException {
      makeVirtual();
      bindVmgenid("acpi");
      interrupts("  9:          0   IO-APIC   9-fasteoi   acpi");
      assertThat(found()).containsExactly("acpi-interrupt");
    }

    @Test
    void excludeInterruptsThatAreHidden() throws IOException {
      makeVirtual();
      bindVmgenid("acpi");
      assertThat(found()).containsExactly("clock-leap");
    }

    @Test
    void includeVmClock() throws IOException {
      makeVirtual();
      new OfVmClock().write(0x4b4c4356, 0x100, 1);
      assertThat(found()).containsExactly("vmclock");
    }

    @ParameterizedTest
    @ValueSource(strings = {"QEMU\n", "Amazon EC2\n"})
    void dependOnTheProductWhereTheCpuShowsNoHypervisor(String vendor) throws IOException {
      write(proc.resolve("cpuinfo"), "processor\t: 0\nFeatures\t: fp asimd\n");
      assertThat(VirtualMachine.isDetected(proc, sys)).isFalse();
      write(sys.resolve("class/dmi/id/sys_vendor"), vendor);
      assertThat(VirtualMachine.isDetected(proc, sys)).isTrue();
      write(sys.resolve("class/dmi/id/product_name"), "m7g.metal\n");
      assertThat(VirtualMachine.isDetected(proc, sys)).isFalse();
    }
  }
}
