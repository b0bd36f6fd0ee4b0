// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code make certs} creates, replaces and keeps. */
class CertsIT {

  @TempDir private Path dir;

  private String makeCerts(String... variables) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("make", "--silent", "--directory=..", "certs", "DIR=" + dir));
    command.addAll(List.of(variables));
    return Machine.run(command);
  }

  private String read(String file) throws Exception {
    return Files.readString(dir.resolve(file));
  }

  private String names(String certificate) throws Exception {
    return Machine.run(
        List.of(
            "openssl",
            "x509",
            "-noout",
            "-ext",
            "subjectAltName",
            "-in",
            dir.resolve(certificate).toString()));
  }

  @Test
  void theFirstRunIsForOneMachine() throws Exception {
    makeCerts();
    assertThat(names("server.crt")).contains("DNS:localhost, IP Address:127.0.0.1");
    assertThat(read("server.properties")).contains("netrng.server.bind-address=127.0.0.1\n");
    assertThat(read("client.properties")).contains("netrng.client.servers=localhost:8989\n");
  }

  @Test
  void aNewClientKeepsTheCertificatesOfTheServerAndOfOtherClients() throws Exception {
    // given
    makeCerts("SERVER=rng.example 192.0.2.10", "CLIENTS=web-1");
    List<String> kept = List.of("ca.crt", "server.crt", "server.properties", "web-1.crt");
    List<String> before = new ArrayList<>();
    for (String file : kept) {
      before.add(read(file));
    }

    // when
    String output = makeCerts("CLIENTS=web-2");

    // then
    assertThat(output).contains("stays. It is for rng.example 192.0.2.10.");
    for (int i = 0; i < kept.size(); i++) {
      assertThat(read(kept.get(i))).as(kept.get(i)).isEqualTo(before.get(i));
    }
    assertThat(read("web-2.properties")).contains("netrng.client.servers=rng.example:8989\n");
  }

  @Test
  void newNamesOfTheServerKeepTheCertificatesOfClients() throws Exception {
    // given
    makeCerts("SERVER=rng.example", "CLIENTS=web-1");
    assertThat(read("server.properties")).contains("netrng.server.bind-address=0.0.0.0\n");
    String client = read("web-1.crt");

    // when
    makeCerts("SERVER=rng.example 2001:db8::1");

    // then
    assertThat(names("server.crt")).contains("DNS:rng.example, IP Address:2001:DB8:0:0:0:0:0:1");
    assertThat(read("server.properties")).contains("netrng.server.bind-address=::\n");
    assertThat(read("web-1.crt")).isEqualTo(client);
  }

  @Test
  void aRunThatNamesNothingChangesNothing() throws Exception {
    makeCerts("SERVER=rng.example", "CLIENTS=web-1");
    String server = read("server.crt");
    assertThat(makeCerts()).contains("Nothing to do: give SERVER");
    assertThat(read("server.crt")).isEqualTo(server);
    assertThat(dir.resolve("client.crt")).doesNotExist();
  }
}
