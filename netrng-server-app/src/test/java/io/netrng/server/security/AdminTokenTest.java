// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.startup.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class AdminTokenTest {

  private static final String SECRET = "0123456789abcdef";
  private static final int SERVERS = 8;

  @TempDir Path directory;

  private Path file(String content, String permissions) throws IOException {
    Path file = Files.writeString(directory.resolve("token"), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @Nested
  class Creation {

    @Test
    void createsAMissingTokenFileWithAccessForItsOwnerOnly(CapturedOutput output)
        throws IOException {
      // given
      Path file = directory.resolve("new").resolve("token");

      // when
      AdminToken made = AdminToken.of(file);

      // then
      String token = Files.readString(file).strip();
      assertThat(token).hasSizeGreaterThanOrEqualTo(43);
      assertThat(made.matches(token)).isTrue();
      assertThat(Files.getPosixFilePermissions(file))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(Files.getPosixFilePermissions(file.getParent()))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
      assertThat(output).contains(file.toString()).doesNotContain(token);
    }

    @Test
    void readsAnExistingTokenInsteadOfCreatingANewOne() throws IOException {
      // given
      Path file = directory.resolve("token");
      AdminToken.of(file);
      String token = Files.readString(file).strip();

      // when, then
      assertThat(AdminToken.of(file).matches(token)).isTrue();
      assertThat(Files.readString(file).strip()).isEqualTo(token);
    }

    @Test
    void serversThatStartAtTheSameTimeAgreeOnOneToken() throws Exception {
      // given
      Path file = directory.resolve("token");
      var start = new CyclicBarrier(SERVERS);
      List<Callable<AdminToken>> servers =
          Collections.nCopies(
              SERVERS,
              () -> {
                start.await();
                return AdminToken.of(file);
              });

      // when
      List<Future<AdminToken>> tokens;
      try (var executor = Executors.newFixedThreadPool(SERVERS)) {
        tokens = executor.invokeAll(servers);
      }

      // then
      String token = Files.readString(file).strip();
      assertThat(tokens).allMatch(made -> made.resultNow().matches(token));
      assertThat(directory.toFile().list()).containsExactly("token");
    }
  }

  @Test
  void matchesOnlyTheExactToken() throws IOException {
    // given
    AdminToken token = AdminToken.of(file("  " + SECRET + "\n", "rw-------"));

    // when, then
    assertThat(token.matches(SECRET)).isTrue();
    assertThat(token.matches(SECRET + "0")).isFalse();
    assertThat(token.matches(SECRET.substring(1))).isFalse();
    assertThat(token.matches("")).isFalse();
  }

  @Test
  void warnsAboutATokenFileThatOthersCanRead(CapturedOutput output) throws IOException {
    // when
    AdminToken.of(file(SECRET, "rw-r-----"));

    // then
    assertThat(output).contains("WARN", "chmod 600").doesNotContain(SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "0123456789abcde", "0123456789 abcdef"})
  void rejectsATokenFileWithoutAValidToken(String content) throws IOException {
    // given
    Path file = file(content, "rw-------");

    // when, then
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> AdminToken.of(file))
        .withMessageContaining("netrng.server.admin.token-file = " + file)
        .withMessageContaining("holds no token");
  }

  @Test
  void rejectsATokenFileThatCannotBeCreated() throws IOException {
    // given
    Path file = Files.writeString(directory.resolve("no-directory"), "").resolve("token");

    // when, then
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> AdminToken.of(file))
        .withMessageContaining("netrng.server.admin.token-file = " + file + " cannot be used");
  }
}
