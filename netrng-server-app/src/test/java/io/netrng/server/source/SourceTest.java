package io.netrng.server.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.netrng.server.source.Source.Availability;
import io.netrng.startup.StartupException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTest {

  @TempDir Path directory;

  private @Nullable Source source;

  @AfterEach
  void stop() {
    if (source != null) {
      source.stop();
    }
  }

  private Source start(Path... devices) {
    Source made = Sources.source(64, devices);
    source = made;
    made.start();
    return made;
  }

  private Path file(String name, int size) throws IOException {
    return Files.write(directory.resolve(name), new byte[size]);
  }

  @Nested
  class DoesNotStart {

    private void withASentence(Path device, String problem) {
      assertThatExceptionOfType(StartupException.class)
          .isThrownBy(() -> Sources.source(64, device).start())
          .withMessage("netrng.server.source.devices = %s cannot be read: %s.", device, problem)
          .satisfies(e -> assertThat(e.cure()).contains("Name a device", "/dev/hwrng"));
    }

    @Test
    void withADeviceThatIsMissing() {
      withASentence(directory.resolve("none"), "does not exist");
    }

    @Test
    void withADirectory() {
      withASentence(directory, "is neither a character device nor a FIFO nor a file");
    }
  }

  @Nested
  class Starts {

    @Test
    void withoutWaitingForTheWriterOfAFifo() throws Exception {
      // when
      Source started = start(Fifo.make(directory.resolve("fifo")));

      // then
      assertThat(started.isRunning()).isTrue();
      assertThat(started.availability())
          .isEqualTo(new Availability.Expected(Duration.ofSeconds(1)));
    }
  }

  @Nested
  class IsAvailable {

    @Test
    void whileADeviceIsRead() throws Exception {
      // given
      Path fifo = Fifo.make(directory.resolve("fifo"));
      Source started = start(fifo);

      // when
      try (OutputStream writer = Fifo.write(fifo)) {
        writer.write(1);

        // then
        await("the device is read")
            .until(() -> started.availability() instanceof Availability.Available);
      }
    }

    @Test
    void whileOneOfItsDevicesIs() throws IOException {
      // given
      Source started = start(file("file", 10), Path.of("/dev/zero"));
      await("the file is used up")
          .until(() -> started.devices().getFirst().state() == DeviceState.EXHAUSTED);

      // when, then
      assertThat(started.availability()).isEqualTo(new Availability.Available());
    }

    @Test
    void asLongAsAFileThatWasReadToItsEndHasSamplesReady() throws IOException {
      // given
      Source started = start(file("file", 64));
      await("the file is used up")
          .until(() -> started.devices().getFirst().state() == DeviceState.EXHAUSTED);
      assertThat(started.availability()).isEqualTo(new Availability.Available());

      // when
      Sources.take(started.stream(), 1);

      // then
      assertThat(started.availability()).isEqualTo(new Availability.Exhausted());
    }
  }

  @Test
  void readsAllItsDevicesIntoOneStreamOfDisjointSamples() throws IOException {
    // given
    Source started = start(file("one", 640), file("other", 1_280), Path.of("/dev/zero"));

    // when
    Set<Long> offsets = new HashSet<>();
    await("samples of all three")
        .until(() -> {
          for (Run run : Sources.takeReady(started.stream(), 1_000)) {
            assertThat(offsets.add(run.offset())).isTrue();
            assertThat(run.offset() % 64).isZero();
            run.release();
          }
          return started.devices().stream().allMatch(d -> d.bytesRead() > 0);
        });

    // then
    assertThat(started.devices())
        .extracting(DeviceStatus::device)
        .containsExactly(
            directory.resolve("one"), directory.resolve("other"), Path.of("/dev/zero"));
  }

  @Test
  void destroysWhatIsReadyWhenItStops() {
    // given
    Source started = start(Path.of("/dev/zero"));
    await("something is ready").until(() -> started.stream().readySize() > 0);

    // when
    started.stop();

    // then
    assertThat(started.isRunning()).isFalse();
    assertThat(started.stream().readySize()).isZero();
    assertThat(started.stream().poll(1)).isNull();
  }
}
