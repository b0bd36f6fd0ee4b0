package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelRandomTest {

  @TempDir private Path directory;

  @Test
  void nothingIsKeptFromOneDrawToTheNext() throws IOException {
    // given
    Path device = directory.resolve("random");
    KernelRandom random = new KernelRandom(device);

    // when
    Files.write(device, ByteBuffer.allocate(16).putLong(1).putLong(2).array());
    long first = random.nextLong();
    long second = random.nextLong();
    Files.write(device, ByteBuffer.allocate(8).putLong(3).array());
    long third = random.nextLong();

    // then
    assertThat(LongStream.of(first, second, third)).containsExactly(1L, 1L, 3L);
  }

  @Test
  void theKernelsNumbersDiffer() {
    KernelRandom random = new KernelRandom();
    assertThat(LongStream.generate(random::nextLong).limit(100).distinct()).hasSize(100);
  }
}
