// SPDX-License-Identifier: Apache-2.0
package io.netrng.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.testing.ConfigCheckRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option --check-config of the server. */
@Tag("slow")
class ServerConfigCheckTest {

  @TempDir Path directory;

  private Path config(String... lines) throws IOException {
    return Files.writeString(
        directory.resolve("server.properties"),
        "netrng.server.source.devices=/dev/urandom\nnetrng.server.admin.token-file=%s\n"
                .formatted(directory.resolve("state/token"))
            + String.join("\n", lines));
  }

  private static ConfigCheckRun check(Path config, String... javaOptions)
      throws IOException, InterruptedException {
    return ConfigCheckRun.of(NetrngServerApplication.class, config, javaOptions);
  }

  @Test
  void aValidFileIsValidAndNothingIsWrittenOrListenedOn() throws Exception {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // given
      Path config =
          config(
              "netrng.server.port=" + used.getLocalPort(),
              "server.port=" + used.getLocalPort(),
              "logging.file.name=" + directory.resolve("log"),
              "logging.structured.format.console=ecs");

      // when
      ConfigCheckRun result = check(config);

      // then
      assertThat(result).isEqualTo(new ConfigCheckRun(0, config + " is valid.\n"));
      assertThat(directory).isDirectoryNotContaining(file -> !file.equals(config));
    }
  }

  @Test
  void anUnknownPropertyIsAWarningThatNamesTheClosestMatch() throws Exception {
    // given
    Path config = config("netrng.server.sampel-size=2KB");

    // then
    assertThat(check(config))
        .isEqualTo(
            new ConfigCheckRun(
                0,
                "WARN: unknown property has no effect property=\"netrng.server.sampel-size\""
                    + " nearest=\"netrng.server.sample-size\"\n"
                    + config
                    + " is valid.\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.port=-1 | server.port = -1 is not possible: use 1 to 65535, or 0 for any free port.",
        "netrng.server.sample-size=1MB | netrng.server.sample-size = 1048576B is not possible: set it to a size from 16B to 64KB",
        "netrng.server.source.devices=/dev/none | netrng.server.source.devices = /dev/none cannot be read: does not exist.",
        "netrng.server.bind-address=0.0.0.0 | netrng.server.bind-address = 0.0.0.0 would serve entropy in plain TCP beyond this machine.",
        "netrng.server.egd.listen=0.0.0.0:0 | netrng.server.egd.listen[0] = 0.0.0.0 would serve entropy in plain TCP beyond this machine.",
        "netrng.server.egd.listen=/proc | netrng.server.egd.listen[0] = /proc cannot be listened on: the file of this name is not a socket.",
        "netrng.server.mdns=true | netrng.server.mdns = true is not possible: without client certificates",
        "netrng.server.mdns-address=eth0 | netrng.server.mdns-address = eth0 is not possible: give an IP address of this machine.",
        "netrng.server.admin.token-file=/dev/null/token | netrng.server.admin.token-file = /dev/null/token cannot be used: "
      })
  void aMistakeIsTheSentenceOfTheStart(String property, String sentence) throws Exception {
    // when
    ConfigCheckRun result = check(config(property));

    // then
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output().lines()).hasSize(2).first().asString().startsWith(sentence);
  }

  @Test
  void tlsOfAnEgdListenerIsAMistakeWithoutCertificates() throws Exception {
    assertThat(
            check(
                config(
                    "netrng.server.egd.listen[0].address=127.0.0.1:0",
                    "netrng.server.egd.listen[0].tls=true")))
        .isEqualTo(
            new ConfigCheckRun(
                1,
                """
                netrng.server.egd.listen[0].tls = true is not possible without certificates.
                Set netrng.server.tls.bundle as well (make certs writes one).
                """));
  }

  @Test
  void aRequiredHybridGroupIsAMistakeWithoutTls() throws Exception {
    assertThat(check(config("netrng.server.tls.key-exchange=hybrid-required")))
        .isEqualTo(
            new ConfigCheckRun(
                1,
                """
                netrng.server.tls.key-exchange = hybrid-required needs TLS, but netrng.server.tls.bundle is not set.
                Set netrng.server.tls.bundle, or remove netrng.server.tls.key-exchange.
                """));
  }

  @Test
  void aRequiredHybridGroupIsAMistakeWithoutBoringSsl() throws Exception {
    // when
    ConfigCheckRun result =
        check(
            config(
                "netrng.server.tls.key-exchange=hybrid-required",
                "netrng.server.tls.bundle=netrng"),
            "-Dio.netty.handler.ssl.noOpenSsl=true");

    // then
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output().lines())
        .hasSize(2)
        .first()
        .isEqualTo(
            "netrng.server.tls.key-exchange = hybrid-required needs BoringSSL, but netty-tcnative"
                + " cannot be loaded.");
  }

  @Test
  void aMissingPemFileIsNamed() throws Exception {
    // given
    Path missing = directory.resolve("server.crt");

    // when
    ConfigCheckRun result =
        check(
            config(
                "netrng.server.tls.bundle=netrng",
                "spring.ssl.bundle.pem.netrng.keystore.certificate=file:" + missing));

    // then
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output())
        .startsWith("netrng.server.tls.bundle = netrng cannot be used: " + missing);
  }

  @Test
  void aMissingConfigurationFileIsNamed() throws Exception {
    // given
    Path missing = directory.resolve("none.properties");

    // when
    ConfigCheckRun result = check(missing);

    // then
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output()).contains(missing + "]'", "does not exist").doesNotContain("FAILED");
  }
}
