// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both apps while other programs renew their certificate files. */
class RenewedCertificatesIT {

  private static final int BLOCK = 2_500;
  private static final String PAGE = "docs/tls.md";
  private static final String ID = "spiffe://example.org/ns/entropy/sa/web-1";
  private static final String SERVER = "DNS:localhost,IP:127.0.0.1,URI:spiffe://example.org/server";
  private static final String APPLIED = "new certificates apply to new connections";

  /** The cause in the log of Spring's file watcher. */
  private static final String MISMATCH = "Private key in keystore matches none of the certificates";

  @TempDir Path directory;

  private Path authority;

  @BeforeEach
  void makeAuthority() throws Exception {
    authority = directory.resolve("authority");
    Certificates.make(authority, "127.0.0.1", "unused");
  }

  /** The pair of a new X.509-SVID without a subject, as SPIRE may issue it. */
  private record Svid(Path certificate, Path key) {}

  private Svid issue(String names) throws Exception {
    Path work = Files.createTempDirectory(directory, "issued");
    Files.writeString(
        work.resolve("extensions"),
        """
        basicConstraints = critical, CA:FALSE
        keyUsage = critical, digitalSignature
        extendedKeyUsage = serverAuth, clientAuth
        subjectAltName = critical, %s
        """
            .formatted(names));
    Machine.run(
        List.of(
            "sh",
            "-ec",
            """
            cd %s
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout key -out csr
            openssl x509 -req -in csr -CA %s/ca.crt -CAkey %2$s/ca.key -days 1 -extfile extensions -out crt
            """
                .formatted(work, authority.toAbsolutePath())));
    return new Svid(work.resolve("crt"), work.resolve("key"));
  }

  /** Replaces a file as spiffe-helper and make certs do. */
  private static void replace(Path from, Path file) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.copy(from, next);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Makes the files of spiffe-helper. */
  private Path helperFiles(String app, Svid svid) throws IOException {
    Path files = Files.createDirectory(directory.resolve(app));
    Files.copy(svid.certificate(), files.resolve("svid.pem"));
    Files.copy(svid.key(), files.resolve("svid_key.pem"));
    Files.copy(authority.resolve("ca.crt"), files.resolve("svid_bundle.pem"));
    return files;
  }

  /** Replaces the link of a mounted Secret, as the kubelet does. */
  private void mount(Path mount, Svid svid) throws IOException {
    Path data = Files.createTempDirectory(mount, "..");
    Files.copy(svid.certificate(), data.resolve("tls.crt"));
    Files.copy(svid.key(), data.resolve("tls.key"));
    Files.copy(authority.resolve("ca.crt"), data.resolve("ca.crt"));
    Path link = mount.resolve("..data");
    Path old = Files.exists(link) ? link.toRealPath() : null;
    Path next = Files.createSymbolicLink(mount.resolve("..data_tmp"), data.getFileName());
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
    for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
      if (old == null) {
        Files.createSymbolicLink(mount.resolve(file), Path.of("..data", file));
      } else {
        Files.delete(old.resolve(file));
      }
    }
    if (old != null) {
      Files.delete(old);
    }
  }

  /** Returns the properties of an app from the documentation's example, as arguments. */
  private static List<String> bundle(String app, Path files) throws IOException {
    return Blocks.tested("spiffe bundle", PAGE)
        .replace("/run/spiffe", files.toString())
        .replace("netrng.client.", "netrng." + app + ".")
        .lines()
        .map(line -> "--" + line)
        .toList();
  }

  private static AppProcess server(int port, List<String> bundle) throws IOException {
    List<String> arguments = new ArrayList<>(bundle);
    Blocks.tested("spiffe policy", PAGE).lines().map(line -> "--" + line).forEach(arguments::add);
    arguments.add("--netrng.server.source.devices=/dev/urandom");
    return AppProcess.server(port, arguments.toArray(String[]::new));
  }

  private static AppProcess client(AppProcess server, List<String> bundle) {
    List<String> arguments = new ArrayList<>(bundle);
    arguments.add("--netrng.client.servers=" + server.address());
    return AppProcess.client(arguments.toArray(String[]::new));
  }

  private static String serial(Path certificate) throws Exception {
    return Machine.run(
        List.of("openssl", "x509", "-noout", "-serial", "-in", certificate.toString()));
  }

  /** Returns the serial number of the certificate that a new connection receives. */
  private static String serial(AppProcess server) throws Exception {
    return Machine.run(
        List.of(
            "sh",
            "-c",
            "openssl s_client -connect %s </dev/null 2>/dev/null | openssl x509 -noout -serial"
                .formatted(server.address())));
  }

  private static void awaitReloads(AppProcess app, int count) {
    await("the app reloads its certificates")
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(() -> assertThat(app.log().split(APPLIED, -1)).hasSize(count + 1));
  }

  private static void assertStreams(AppProcess client) {
    client.awaitMetric(
        "netrng_received_bytes_total", client.metric("netrng_received_bytes_total") + 1);
    assertThat(client.log())
        .containsOnlyOnce("admitted by server")
        .doesNotContain("stream from server failed");
  }

  @Test
  void anIncompletePairOfSpiffeHelperIsNotUsedAndACompleteOneIs() throws Exception {
    // given
    Svid first = issue(SERVER);
    Path ofServer = helperFiles("server", first);
    Path ofClient = helperFiles("client", issue("URI:" + ID));
    try (AppProcess server = server(0, bundle("server", ofServer));
        AppProcess client = client(server, bundle("client", ofClient))) {
      client.awaitMetric("netrng_received_bytes_total", BLOCK);
      assertThat(server.log())
          .containsPattern("client connected .*identity=\"%s\" .*guarantee=\"128\"".formatted(ID));

      // when only the certificates are replaced
      Svid second = issue(SERVER);
      Svid ofNextClient = issue("URI:" + ID + "-renewed");
      replace(second.certificate(), ofServer.resolve("svid.pem"));
      replace(ofNextClient.certificate(), ofClient.resolve("svid.pem"));

      // then
      server.awaitLog(MISMATCH);
      client.awaitLog(MISMATCH);
      assertThat(serial(server)).isEqualTo(serial(first.certificate()));
      assertStreams(client);

      // and when the keys are replaced too
      replace(second.key(), ofServer.resolve("svid_key.pem"));
      replace(ofNextClient.key(), ofClient.resolve("svid_key.pem"));

      // then
      awaitReloads(server, 1);
      awaitReloads(client, 1);
      assertThat(serial(server)).isEqualTo(serial(second.certificate()));
      assertStreams(client);
      int port = server.streamPort();
      Machine.signal("TERM", server.handle());
      server.exitCode();
      try (AppProcess next = server(port, bundle("server", ofServer))) {
        next.awaitLog("identity=\"%s-renewed\"".formatted(ID));
      }
    }
  }

  @Test
  void aMountedSecretIsReloadedEachTimeItsLinkIsReplaced() throws Exception {
    // given
    Path ofServer = Files.createDirectory(directory.resolve("server"));
    Path ofClient = Files.createDirectory(directory.resolve("client"));
    mount(ofServer, issue(SERVER));
    mount(ofClient, issue("DNS:web-1"));
    try (AppProcess server = server(0, mounted("server", ofServer));
        AppProcess client = client(server, mounted("client", ofClient))) {
      client.awaitMetric("netrng_received_bytes_total", BLOCK);

      // twice, because the directory that was watched first no longer exists
      for (int times = 1; times <= 2; times++) {
        // when
        Svid next = issue(SERVER);
        mount(ofServer, next);
        mount(ofClient, issue("DNS:web-1"));

        // then
        awaitReloads(server, times);
        awaitReloads(client, times);
        assertThat(serial(server)).isEqualTo(serial(next.certificate()));
        assertStreams(client);
      }
      assertThat(Machine.warnings(server.log())).isEmpty();
      assertThat(Machine.warnings(client.log())).isEmpty();
    }
  }

  private static List<String> mounted(String app, Path mount) throws IOException {
    return bundle(app, mount).stream()
        .map(line ->
            line.replace("svid.pem", "tls.crt")
                .replace("svid_key.pem", "tls.key")
                .replace("svid_bundle.pem", "ca.crt"))
        .toList();
  }
}
