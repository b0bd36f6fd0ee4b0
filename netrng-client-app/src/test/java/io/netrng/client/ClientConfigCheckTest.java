// SPDX-License-Identifier: Apache-2.0
package io.netrng.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.testing.ConfigCheckRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option --check-config of the client. */
@Tag("slow")
class ClientConfigCheckTest {

  @TempDir Path directory;

  /** Writes a configuration with an rngd that creates a file when it is started to feed. */
  private Path config(String... lines) throws IOException {
    Path rngd =
        Files.writeString(
            directory.resolve("rngd"),
            "#!/bin/sh\n[ \"$1\" = --help ] && { echo ' --no-drng'; exit; }\ntouch %s/fed\n"
                .formatted(directory));
    Files.setPosixFilePermissions(rngd, PosixFilePermissions.fromString("rwxr-xr-x"));
    return Files.writeString(
        directory.resolve("client.properties"),
        "netrng.client.rngd.command=" + rngd + "\n" + String.join("\n", lines));
  }

  private static ConfigCheckRun check(Path config, String... javaOptions)
      throws IOException, InterruptedException {
    return ConfigCheckRun.of(NetrngClientApplication.class, config, javaOptions);
  }

  @Test
  void aValidFileIsValidAndNoRngdFeeds() throws Exception {
    // given
    Path config =
        config(
            "netrng.client.servers=192.0.2.1:8989,[2001:db8::1]:8989",
            "netrng.client.allow-plaintext=true");

    // then
    assertThat(check(config)).isEqualTo(new ConfigCheckRun(0, config + " is valid.\n"));
    assertThat(directory.resolve("fed")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "netrng.client.max-rate=4 | netrng.client.max-rate = 4 is not possible: '4' is not a rate;",
        "server.port=65536 | server.port = 65536 is not possible: use 1 to 65535, or 0 for any free",
        "netrng.client.rngd.command=no-rngd | No program 'no-rngd' is found.",
        "netrng.client.servers=192.0.2.1:8989 | netrng.client.servers = 192.0.2.1:8989 is not possible: in plain TCP only"
      })
  void aMistakeIsTheSentenceOfTheStart(String property, String sentence) throws Exception {
    // when
    ConfigCheckRun result = check(config(property));

    // then
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output().lines()).hasSize(2).first().asString().startsWith(sentence);
  }

  @Test
  void aRequiredHybridGroupIsAMistakeWithoutTls() throws Exception {
    assertThat(check(config("netrng.client.tls.key-exchange=hybrid-required")))
        .isEqualTo(
            new ConfigCheckRun(
                1,
                """
                netrng.client.tls.key-exchange = hybrid-required needs TLS, but netrng.client.tls.bundle is not set.
                Set netrng.client.tls.bundle, or remove netrng.client.tls.key-exchange.
                """));
  }

  @Test
  void aRequiredHybridGroupIsAMistakeWithoutBoringSsl() throws Exception {
    // when
    ConfigCheckRun result =
        check(
            config(
                "netrng.client.tls.key-exchange=hybrid-required",
                "netrng.client.tls.bundle=netrng"),
            "-Dio.netty.handler.ssl.noOpenSsl=true");

    // then
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output().lines())
        .hasSize(2)
        .first()
        .isEqualTo(
            "netrng.client.tls.key-exchange = hybrid-required needs BoringSSL, but netty-tcnative"
                + " cannot be loaded.");
  }

  @Test
  void aMissingPemFileIsNamed() throws Exception {
    // given
    Path missing = directory.resolve("ca.crt");

    // when
    ConfigCheckRun result =
        check(
            config(
                "netrng.client.tls.bundle=netrng",
                "spring.ssl.bundle.pem.netrng.truststore.certificate=file:" + missing));

    // then
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output())
        .startsWith("netrng.client.tls.bundle = netrng cannot be used: " + missing);
  }

  @Test
  void anUnknownPropertyIsAWarningThatNamesTheClosestMatch() throws Exception {
    // when
    ConfigCheckRun result = check(config("netrng.client.max-rat=2KB/s"));

    // then
    assertThat(result.exitCode()).isZero();
    assertThat(result.output())
        .contains("property=\"netrng.client.max-rat\" nearest=\"netrng.client.max-rate\"");
  }
}
