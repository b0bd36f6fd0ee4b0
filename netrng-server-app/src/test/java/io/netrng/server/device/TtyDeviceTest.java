// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.testkit.Pty;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Serial lines, with pseudo-terminals instead of hardware. */
class TtyDeviceTest {

  private static final byte[] EVERY_VALUE = new byte[256];

  static {
    for (int i = 0; i < EVERY_VALUE.length; i++) {
      EVERY_VALUE[i] = (byte) i;
    }
  }

  @TempDir Path directory;
  private Pty pty;

  @BeforeEach
  void plugIn() throws IOException {
    pty = Pty.open();
  }

  @AfterEach
  void unplug() {
    pty.close();
  }

  private Device tty(String options) {
    return Device.of("tty:" + pty.path() + options);
  }

  /** Reads exactly this many bytes. */
  private static byte[] read(DeviceChannel channel, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(size);
    while (buffer.hasRemaining()) {
      assertThat(channel.read(buffer)).isPositive();
    }
    byte[] bytes = new byte[size];
    buffer.flip().get(bytes);
    return bytes;
  }

  private Thread write(byte[] bytes) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            pty.write(bytes);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Nested
  class Reading {

    @ParameterizedTest
    @ValueSource(strings = {"tty:", ""})
    void readsEveryByteUnchangedAndEchoesNone(String kind) throws Exception {
      // given
      byte[] bytes = new byte[8 << 20];
      new SecureRandom().nextBytes(bytes);
      System.arraycopy(EVERY_VALUE, 0, bytes, 0, EVERY_VALUE.length);
      Device device = Device.of(kind + pty.path());
      try (DeviceChannel channel = device.open(0)) {

        // when
        Thread writer = write(bytes);
        byte[] read = read(channel, bytes.length);
        writer.join();

        // then
        assertThat(Arrays.mismatch(read, bytes)).as("the first wrong byte").isEqualTo(-1);
        assertThat(pty.hasInput()).as("bytes were sent to the device").isFalse();
        assertThat(channel.stores()).isTrue();
      }
    }

    @Test
    void discardsWhatArrivedBeforeTheOpening() throws IOException {
      // given
      try (DeviceChannel first = tty("").open(0)) {
        assertThat(first.isOpen()).isTrue();
        pty.write("stale".getBytes(StandardCharsets.US_ASCII));
      }

      // when
      try (DeviceChannel channel = tty("").open(0)) {
        pty.write(EVERY_VALUE);

        // then
        assertThat(read(channel, EVERY_VALUE.length)).isEqualTo(EVERY_VALUE);
      }
    }

    @Test
    void endsWithAFaultWhenItIsUnplugged() throws IOException {
      // given
      try (DeviceChannel channel = tty("").open(0)) {
        // when
        pty.close();

        // then
        assertThat(channel.read(ByteBuffer.allocateDirect(1))).isEqualTo(-1);
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(channel::end)
            .withMessage("was unplugged");
      }
    }

    @Test
    void opensAgainUnderTheSameNameAfterItWasUnplugged() throws IOException {
      // given
      Path link = Files.createSymbolicLink(directory.resolve("tty"), pty.path());
      Device device = Device.of("tty:" + link);
      device.open(0).close();
      pty.close();
      assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> device.open(0));

      // when
      pty = Pty.open();
      Files.delete(link);
      Files.createSymbolicLink(link, pty.path());

      // then
      try (DeviceChannel channel = device.open(0)) {
        pty.write(EVERY_VALUE);
        assertThat(read(channel, EVERY_VALUE.length)).isEqualTo(EVERY_VALUE);
      }
    }
  }

  @Nested
  class Options {

    @Test
    void writesTheInitBytesAfterTheOpening() throws IOException {
      // given
      Device device = tty("?init=cmd4%0Acm d0%0a%00%ff%26+");

      // when
      try (DeviceChannel channel = device.open(0)) {
        // then
        assertThat(new String(pty.read(), StandardCharsets.ISO_8859_1))
            .isEqualTo("cmd4\ncm d0\n\0\u00ff&+");
        assertThat(channel.isOpen()).isTrue();
      }
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "''|115200|-parenb -parodd|-hupcl",
          "?speed=9600|9600|-parenb -parodd|-hupcl",
          "?speed=300&open-speeds=110,300,110|300|-parenb -parodd|-hupcl",
          "?parity=none&speed=4000000|4000000|-parenb -parodd|-hupcl"
        })
    void setsTheSpeedAndRawMode(String options, String speed, String parity, String close)
        throws Exception {
      // when
      try (DeviceChannel channel = tty(options).open(0)) {
        assertThat(channel.isOpen()).isTrue();
        Process stty = new ProcessBuilder("stty", "-a", "-F", pty.path().toString()).start();
        String settings = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        // then
        assertThat(settings)
            .contains("speed " + speed + " baud", parity, close, "clocal", "cread", "cs8")
            .contains("-icanon", "-echo ", "-isig", "-icrnl", "-ixon", "-ixoff", "-istrip");
      }
    }

    /** A pseudo-terminal has no parity bit, so that its settings do not show it. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "odd", "even"})
    void acceptsEachParity(String parity) throws IOException {
      try (DeviceChannel channel = tty("?parity=" + parity).open(0)) {
        pty.write(EVERY_VALUE);
        assertThat(read(channel, EVERY_VALUE.length)).isEqualTo(EVERY_VALUE);
      }
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        quoteCharacter = '"',
        value = {
          "tty:|write the absolute path of the tty, as in tty:/dev/ttyACM0",
          "tty:ttyACM0|write the absolute path of the tty, as in tty:/dev/ttyACM0",
          "tty:/dev/x?|write speed=, parity=, init= or open-speeds= instead of ''",
          "tty:/dev/x?spede=1|write speed=, parity=, init= or open-speeds= instead of 'spede=1'",
          "tty:/dev/x?speed|write speed=, parity=, init= or open-speeds= instead of 'speed'",
          "tty:/dev/x?speed=300&speed=300|write the option speed once",
          "tty:/dev/x?parity=mark|write none, odd or even instead of the parity 'mark'",
          "tty:/dev/x?init=%0|write two hexadecimal digits after each % of init, as in %0A for a line feed, and %25 for the percent sign itself",
          "tty:/dev/x?init=%zz|write two hexadecimal digits after each % of init, as in %0A for a line feed, and %25 for the percent sign itself",
          "tty:/dev/x?init=é|write each byte of init that is not printable ASCII as %NN, such as %0A for a line feed"
        })
    void refusesAWrongOptionWithTheValidOnes(String text, String message) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> Device.of(text))
          .withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"speed=115201", "speed=", "speed=0", "open-speeds=110,,300", "open-speeds=x"})
    void refusesASpeedThatDoesNotExistWithTheOnesThatDo(String option) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> Device.of("tty:/dev/ttyACM0?" + option))
          .withMessageStartingWith("write one of the speeds 50, 75, 110, ")
          .withMessageContaining(", 4000000 instead of '");
    }

    @ParameterizedTest
    @ValueSource(strings = {"300", "hwrng", "ttty:/dev/ttyACM0", ""})
    void refusesARelativePathWithAHintAtTheFormForCommas(String text) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> Device.of(text))
          .withMessage(
              "write '%s' as an absolute path, or a value with a comma as netrng.server.source.devices[0]=VALUE"
                  .formatted(text));
    }
  }

  @Nested
  class Checks {

    @Test
    void aDeviceThatIsNoTtyIsRefusedBeforeTheServerListens() throws IOException {
      Device device = Device.of("tty:/dev/urandom");
      device.check();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(device::tryOpen)
          .withMessage("is not a tty");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> device.open(0))
          .withMessage("is not a tty");
    }

    @Test
    void aFileIsRefusedWithoutOpeningIt() throws IOException {
      Path file = Files.createFile(directory.resolve("file"));
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(Device.of("tty:" + file)::check)
          .withMessage("is not a tty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tty:", ""})
    void theTrialChangesNoSettings(String kind) throws Exception {
      // when
      Device.of(kind + pty.path()).tryOpen();

      // then
      Process stty = new ProcessBuilder("stty", "-a", "-F", pty.path().toString()).start();
      assertThat(new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains(" icanon");
    }

    @Test
    void otherCharacterDevicesAreReadAsBefore() throws IOException {
      Device device = Device.of("/dev/zero");
      device.tryOpen();
      try (DeviceChannel channel = device.open(0)) {
        assertThat(channel).isInstanceOf(FileDeviceChannel.class);
        assertThat(read(channel, 16)).containsOnly(0);
      }
    }

    @Test
    void aTtyAndItsPathAreTheSameDevice() throws IOException {
      assertThat(tty("?speed=9600").identity())
          .isEqualTo(Device.of(pty.path().toString()).identity());
    }

    @Test
    void theReasonOfAFailureLeadsToItsFix() {
      Device device = Device.of("tty:/dev/ttyACM0?init=x");
      assertThat(device.fixFor(new AccessDeniedException("")))
          .contains("the group of /dev/ttyACM0", "dialout", "udev");
      assertThat(device.fixFor(new FileSystemException("", null, "Operation not permitted")))
          .endsWith("DeviceAllow=/dev/ttyACM0 rw");
      assertThat(device.fixFor(new NoSuchFileException(""))).contains("Plug in the device");
    }
  }

  @Nested
  class Descriptions {

    @Test
    void theKernelListsWhichCharacterDevicesAreTtys() throws IOException {
      // given
      SysDevice tty = SysDevice.of(number("/dev/tty"));
      SysDevice random = SysDevice.of(number("/dev/urandom"));
      SysDevice pseudo = SysDevice.of(number(pty.path().toString()));

      // then
      assertThat(List.of(tty.isTty(), tty.isNoTty())).containsExactly(true, false);
      assertThat(List.of(random.isTty(), random.isNoTty())).containsExactly(false, true);
      assertThat(List.of(pseudo.isTty(), pseudo.isNoTty())).containsExactly(false, false);
    }

    private static long number(String path) throws IOException {
      return (long) Files.getAttribute(Path.of(path), "unix:rdev");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tty:", ""})
    void aLineIsDescribedWithItsSpeed(String kind) {
      Device device = Device.of(kind + pty.path());
      assertThat(device.info()).isEqualTo(DeviceInfo.of("tty", "serial line, 115200 baud"));
      assertThat(device.name()).isEqualTo(kind + pty.path());
      assertThat(device.shortName()).isEqualTo(pty.path().getFileName().toString());
    }

    @ParameterizedTest
    @CsvSource({"usb1/1-1/1-1:1.0", "usb1/1-1/1-1:1.0/ttyUSB0"})
    void theUsbDeviceOfALineIsNamedWithPrintableCharacters(String line) throws IOException {
      // given the attributes of a stick behind /dev/ttyACM0 (166:0)
      Path stick = Files.createDirectories(directory.resolve("devices/usb1/1-1"));
      Files.writeString(stick.resolve("idVendor"), "04d8\n");
      Files.writeString(stick.resolve("manufacturer"), "ubld.it\n");
      Files.writeString(stick.resolve("product"), "True\u001b[31mRNG" + "x".repeat(80) + "\n");
      Path parent = Files.createDirectories(directory.resolve("devices").resolve(line));
      Path tty = Files.createDirectories(directory.resolve("char/166:0"));
      Files.createSymbolicLink(tty.resolve("device"), parent);

      // then
      assertThat(new SysDevice(tty).usbName()).startsWith("ubld.it True[31mRNGxx").hasSize(60);
    }

    @Test
    void aLineWithoutAUsbDeviceHasNoSuchName() {
      assertThat(new SysDevice(directory).usbName()).isNull();
    }
  }
}
