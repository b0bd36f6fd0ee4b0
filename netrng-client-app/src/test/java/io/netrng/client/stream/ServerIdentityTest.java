// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.discovery.ServerEntry;
import io.netrng.testing.Pki;
import io.netty.pkitesting.CertificateBuilder;
import java.net.URI;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ServerIdentityTest {

  private static final List<ServerEntry> ENTRIES =
      List.of(
          new ServerEntry.Srv("_netrng._tcp.Example.org"),
          new ServerAddress("rng.example.net", 8989));

  private final Pki pki = new Pki();
  private final ServerIdentity identities = new ServerIdentity(ENTRIES, null);

  private String identity(ServerIdentity of, UnaryOperator<CertificateBuilder> names) {
    return of.of(pki.sign(names.apply(Pki.builder("CN=server"))).getCertificate());
  }

  private String identity(UnaryOperator<CertificateBuilder> names) {
    return identity(identities, names);
  }

  @Test
  void isTheFirstUriThenTheFirstNameThenTheFirstAddressThenTheSubject() {
    assertThat(
            identity(names ->
                names
                    .addSanIpAddress("192.0.2.1")
                    .addSanDnsName("a.test")
                    .addSanDnsName("b.test")
                    .addSanUriName(URI.create("spiffe://a/b"))))
        .isEqualTo("spiffe://a/b");
    assertThat(identity(names -> names.addSanIpAddress("192.0.2.1").addSanDnsName("a.test")))
        .isEqualTo("a.test");
    assertThat(identity(names -> names.addSanIpAddress("192.0.2.1"))).isEqualTo("192.0.2.1");
    assertThat(identity(names -> names)).isEqualTo("CN=server");
  }

  @Test
  void isNotTheDomainThatTheServersOfAnAnswerShare() {
    assertThat(
            identity(
                names -> names.addSanDnsName("EXAMPLE.org").addSanDnsName("RNG-1.example.org")))
        .isEqualTo("rng-1.example.org");
    assertThat(identity(names -> names.addSanDnsName("example.org").addSanIpAddress("192.0.2.1")))
        .isEqualTo("192.0.2.1");
  }

  @Test
  void isTheSharedNameIfThereIsNoOther() {
    assertThat(identity(names -> names.addSanDnsName("example.org"))).isEqualTo("example.org");
  }

  @Test
  void isNotTheNameForAllCertificates() {
    ServerIdentity ofOneName = new ServerIdentity(ENTRIES, "rng.test");
    assertThat(
            identity(
                ofOneName, names -> names.addSanDnsName("rng.test").addSanDnsName("rng-1.test")))
        .isEqualTo("rng-1.test");
  }

  @Test
  void isTheNameOfAListedServerInAnyCase() {
    assertThat(identity(names -> names.addSanDnsName("Rng.Example.net").addSanDnsName("localhost")))
        .isEqualTo("rng.example.net");
  }
}
