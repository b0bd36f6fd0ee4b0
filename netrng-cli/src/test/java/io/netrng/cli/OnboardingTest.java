// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that add-client, remove-client and join read and write. */
class OnboardingTest {

  private static final String CERTIFICATE =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  private static final String AUTHORITY = CERTIFICATE.replace("AAAA", "BBBB");
  private static final String KEY =
      "-----BEGIN PRIVATE KEY-----\nCCCC\n-----END PRIVATE KEY-----\n";

  @TempDir private Path dir;

  private String run(String... arguments) {
    StringWriter out = new StringWriter();
    int exitCode =
        Netrng.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .execute(arguments);
    return exitCode + " " + out;
  }

  @Test
  void aClientFileIsReadAsItWasWritten() throws CommandFailure {
    ClientFile file =
        new ClientFile(
            "web-1",
            Map.of("netrng.client.servers", "[2001:db8::1]:8989"),
            CERTIFICATE,
            KEY,
            AUTHORITY);
    assertThat(file.text()).startsWith("# How the client web-1 joins").contains("keep it secret");
    assertThat(ClientFile.parse(file.text())).isEqualTo(file);
  }

  @Test
  void aClientFileCanHaveTwoAuthorities() throws CommandFailure {
    ClientFile file = new ClientFile("web-1", Map.of(), CERTIFICATE, KEY, AUTHORITY + CERTIFICATE);
    assertThat(ClientFile.parse(file.text())).isEqualTo(file);
  }

  /**
   * Runs add-client with the script of the source, on a server that uses TLS. Tests that need
   * openssl are slow ones, because {@code make check} needs no other programs.
   */
  private String addClient(String... options) throws IOException {
    Path properties = dir.resolve("server.properties");
    Files.writeString(properties, "netrng.server.tls.bundle=netrng\n");
    System.setProperty("netrng.lib", Path.of("..", "scripts").toString());
    try {
      return run(
          Stream.concat(
                  Stream.of(
                      "add-client",
                      "web-1",
                      "--config-dir=" + dir,
                      "--out=" + dir.resolve("web-1.netrng")),
                  Stream.of(options))
              .toArray(String[]::new));
    } finally {
      System.clearProperty("netrng.lib");
    }
  }

  /** Replaces the authority's certificate by one for other days, with the same key. */
  private void expireAuthority(int days) throws Exception {
    Path authority = dir.resolve("authority");
    Programs.run(
        List.of(
            "openssl",
            "x509",
            "-in",
            authority.resolve("ca.crt").toString(),
            "-days",
            Integer.toString(days),
            "-signkey",
            authority.resolve("ca.key").toString(),
            "-out",
            authority.resolve("ca.crt").toString()));
  }

  private X509Certificate certificate(String file) throws Exception {
    return Certificate.read(dir.resolve("authority").resolve(file)).certificate();
  }

  @Test
  @Tag("slow")
  void addClientRenewsTheClientAndKeepsTheServersCertificate() throws Exception {
    // given
    assertThat(addClient("--server=192.0.2.10,rng.example"))
        .startsWith("0 ")
        .contains("netrng join");
    X509Certificate client = certificate("web-1.crt");
    X509Certificate server = certificate("server.crt");

    // when
    String said = addClient();

    // then
    assertThat(said).startsWith("0 ").doesNotContain("expires");
    assertThat(certificate("web-1.crt")).isNotEqualTo(client);
    assertThat(certificate("server.crt")).isEqualTo(server);
    assertThat(Files.readString(dir.resolve("web-1.netrng")))
        .contains("netrng.client.servers=192.0.2.10:8989");
  }

  @Test
  @Tag("slow")
  void addClientRenewsAServersCertificateThatExpiresWithin90DaysForItsNames() throws Exception {
    // given
    addClient("--server=192.0.2.10,rng.example");
    Files.delete(dir.resolve("authority/server.crt"));
    Programs.run(List.of("sed", "-i", "s/^DAYS=.*/DAYS=89/", copyOfScript().toString()));
    Programs.run(
        List.of(
            dir.resolve("certs").toString(),
            dir.resolve("authority").toString(),
            "192.0.2.10 rng.example"));

    // when
    addClient();

    // then
    Certificate server = Certificate.read(dir.resolve("server.crt"));
    assertThat(server.expiresWithin(Duration.ofDays(700))).isFalse();
    assertThat(server.names()).isEqualTo("192.0.2.10 rng.example");
  }

  private Path copyOfScript() throws IOException {
    for (String script : List.of("certs", "need")) {
      Files.copy(
          Path.of("..", "scripts", script),
          dir.resolve(script),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    return dir.resolve("certs");
  }

  @Test
  @Tag("slow")
  void addClientReplacesNoAuthorityWhoseKeyIsMissing() throws Exception {
    // given
    addClient("--server=192.0.2.10");
    Files.delete(dir.resolve("authority/ca.key"));
    X509Certificate authority = certificate("ca.crt");

    // then
    assertThat(addClient("--server=192.0.2.10"))
        .startsWith("1 ")
        .contains("ca.key is missing: restore the authority's key");
    assertThat(certificate("ca.crt")).isEqualTo(authority);
  }

  @Test
  @Tag("slow")
  void addClientWarnsOfAnAuthorityThatExpiresBeforeTheClient() throws Exception {
    // given
    addClient("--server=192.0.2.10");
    expireAuthority(700);

    // then
    assertThat(addClient())
        .startsWith("0 ")
        .contains("The certificate authority expires on 20", "before this certificate");
  }

  @Test
  void aFileThatIsCutOffIsRefused() {
    String text = new ClientFile("web-1", Map.of(), CERTIFICATE, KEY, AUTHORITY).text();
    assertThatThrownBy(() -> ClientFile.parse(text.substring(0, text.length() - 10)))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("or not all of it: 'netrng add-client'");
    assertThatThrownBy(() -> ClientFile.parse("")).isInstanceOf(CommandFailure.class);
  }

  @Test
  void aChangedPropertyKeepsCommentsOrderAndRights() throws Exception {
    // given
    Path file =
        Files.writeString(
            dir.resolve("server.properties"),
            "# netrng.server.port=1\nnetrng.server.port = 8989\n\n# end\nnetrng.server.denied=a\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    // when
    PropertiesFile properties = new PropertiesFile(file);
    assertThat(properties.get("netrng.server.port")).hasValue("8989");
    properties.set("netrng.server.port", "9000");
    properties.set("netrng.server.max-clients", "7");
    properties.write();

    // then
    assertThat(file)
        .hasContent(
            "# netrng.server.port=1\nnetrng.server.port=9000\n\n# end\nnetrng.server.denied=a\nnetrng.server.max-clients=7\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void aRemovedClientIsDeniedOnceAndItsKeyIsDeleted() throws Exception {
    // given
    Files.writeString(dir.resolve("server.properties"), "netrng.server.denied=web-0\n");
    Path key =
        Files.writeString(
            Files.createDirectory(dir.resolve("authority")).resolve("web-1.key"), KEY);

    // when
    String said = run("remove-client", "web-1", "--config-dir=" + dir);
    run("remove-client", "web-1", "--config-dir=" + dir);

    // then
    assertThat(said).isEqualTo("0 web-1 is denied: the server disconnects it.\n");
    assertThat(dir.resolve("server.properties")).hasContent("netrng.server.denied=web-0,web-1\n");
    assertThat(key).doesNotExist();
  }

  @Test
  void withoutTheServersPackageAddClientNamesTheFix() {
    assertThat(run("add-client", "web-1", "--config-dir=" + dir))
        .startsWith("1 ")
        .contains(
            "scripts/certs is missing: run this on the server, where netrng-server is installed");
  }

  @Test
  void joinWithAnotherFileNamesTheFix() throws Exception {
    Path file = Files.writeString(dir.resolve("web-1.netrng"), "hello");
    assertThat(run("join", file.toString(), "--config-dir=" + dir))
        .startsWith("1 ")
        .contains("'netrng add-client' on the server writes one");
    assertThat(run("join", dir.resolve("none").toString())).contains("none cannot be read");
  }
}
