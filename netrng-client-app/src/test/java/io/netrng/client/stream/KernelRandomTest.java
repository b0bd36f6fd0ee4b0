// SPDX-License-Identifier: Apache-2.0
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
  void readsEachNumberFromTheDeviceWithoutReadAhead() throws IOException {
    // given
    Path device = directory.resolve("random");
    Files.write(device, ByteBuffer.allocate(16).putLong(1).putLong(2).array());
    KernelRandom random = new KernelRandom(device);
    assertThat(random.nextLong()).isEqualTo(1);

    // when
    Files.write(device, ByteBuffer.allocate(16).putLong(3).putLong(4).array());

    // then
    assertThat(random.nextLong()).isEqualTo(4);
  }

  @Test
  void readsFromTheDeviceWithoutOpeningItAgain() throws IOException {
    // given
    Path device = directory.resolve("random");
    Files.write(device, ByteBuffer.allocate(8).putLong(1).array());
    KernelRandom random = new KernelRandom(device);

    // when it can no longer be opened
    Files.delete(device);

    // then
    assertThat(random.nextLong()).isEqualTo(1);
  }

  @Test
  void returnsDistinctNumbersFromTheKernel() {
    KernelRandom random = new KernelRandom();
    assertThat(LongStream.generate(random::nextLong).limit(100).distinct()).hasSize(100);
  }
}
