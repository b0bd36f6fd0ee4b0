// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.discovery.ServerEntry;
import io.netrng.client.sink.SinkKind;
import io.netrng.protocol.ClientFrame.Hello;
import io.netrng.startup.InvalidPropertyException;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamPropertiesTest {

  private static final List<ServerEntry> SERVERS = List.of(new ServerAddress("localhost", 8989));
  private static final DataRate ZERO = new DataRate(0);
  private static final DataRate RATE = new DataRate(4_096);

  @Nested
  class Addresses {

    @ParameterizedTest
    @CsvSource({
      "127.0.0.1:8989, 127.0.0.1, 8989",
      "rng.example.org:1, rng.example.org, 1",
      "[::1]:65535, ::1, 65535",
      "[fe80::1%eth0]:8989, fe80::1%eth0, 8989"
    })
    void parsesAndPrintsAServerAddressAsHostAndPort(String text, String host, int port) {
      ServerAddress address = ServerAddress.valueOf(text);
      assertThat(address).isEqualTo(new ServerAddress(host, port));
      assertThat(address).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"", "host", ":8989", "host:", "host:0", "host:65536", "::1:8989", "a b:1"})
    void rejectsAnInvalidServerAddressWithTheExpectedFormat(String text) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ServerAddress.valueOf(text))
          .withMessageContaining("is not host:port, like ");
    }
  }

  @Nested
  class Names {

    @Test
    void usesTheHostNameAsTheDefaultClientName() {
      assertThat(
              new StreamProperties(
                      SERVERS,
                      "",
                      ZERO,
                      RATE,
                      false,
                      new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
                      false,
                      null,
                      SinkKind.RNGD,
                      StreamProperties.Combine.ONE)
                  .name())
          .matches(Hello::isLabel);
    }

    @Property
    void convertsAnyHostNameToALabel(@ForAll String text) {
      assertThat(StreamProperties.label(text)).matches(Hello::isLabel);
    }
  }

  @Nested
  class PlainTcp {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:8989", "localhost:8989", "[::1]:8989"})
    void allowsPlainTcpToALoopbackAddressByDefault(String server) {
      new StreamProperties(
          List.of(ServerAddress.valueOf(server)),
          "a",
          ZERO,
          RATE,
          false,
          new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
          false,
          null,
          SinkKind.RNGD,
          StreamProperties.Combine.ONE);
    }

    @Test
    void allowsPlainTcpToARemoteServerIfConfigured() {
      List<ServerEntry> far = List.of(new ServerAddress("rng.example.org", 8989));
      new StreamProperties(
          far,
          "a",
          ZERO,
          RATE,
          true,
          new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
          false,
          null,
          SinkKind.RNGD,
          StreamProperties.Combine.ONE);
    }
  }

  @Nested
  class Validation {

    private void refused(
        String sentence,
        List<ServerEntry> servers,
        String name,
        DataRate guarantee,
        DataRate maxRate) {
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() ->
              new StreamProperties(
                  servers,
                  name,
                  guarantee,
                  maxRate,
                  false,
                  new StreamProperties.Tls(null, null, KeyExchange.HYBRID_PREFERRED),
                  false,
                  null,
                  SinkKind.RNGD,
                  StreamProperties.Combine.ONE))
          .withMessageStartingWith(sentence);
    }

    @Test
    void rejectsAnEmptyServerList() {
      refused("netrng.client.servers = ", List.of(), "a", ZERO, RATE);
    }

    @Test
    void rejectsAClientNameThatIsNotALabel() {
      refused("netrng.client.name = a b is not possible: ", SERVERS, "a b", ZERO, RATE);
    }

    @Test
    void rejectsAGuaranteeAboveTheProtocolMaximum() {
      refused("netrng.client.guarantee = 4GB/s", SERVERS, "a", DataRate.valueOf("4GB/s"), RATE);
      refused("netrng.client.guarantee = unlimited", SERVERS, "a", DataRate.UNLIMITED, RATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1:8989", "rng.example.org:8989", "[2001:db8::1]:8989"})
    void rejectsPlainTcpToARemoteServerByDefault(String server) {
      refused(
          "netrng.client.servers = " + server + " is not possible: in plain TCP only",
          List.of(SERVERS.getFirst(), ServerAddress.valueOf(server)),
          "a",
          ZERO,
          RATE);
    }

    @Test
    void rejectsPlainTcpToDiscoveredServersByDefault() {
      refused(
          "netrng.client.servers = srv:_netrng._tcp.example.org is not possible: in plain TCP only",
          List.of(ServerEntry.valueOf("srv:_netrng._tcp.example.org")),
          "a",
          ZERO,
          RATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mdns:", "auto"})
    void rejectsServersOfTheLocalNetworkWithoutTlsEvenIfPlainTcpIsAllowed(String entry) {
      localRefused(entry, null, null, "only a certificate proves which server was found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mdns:", "auto"})
    void rejectsServersOfTheLocalNetworkWithoutAServerName(String entry) {
      localRefused(
          entry, "netrng", null, "there is no name that the certificate must be valid for");
    }

    @Test
    void rejectsAnMdnsAddressThatIsNone() {
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() -> local("auto", "netrng", "rng.example.org", "eth0"))
          .withMessageStartingWith("netrng.client.mdns-address = eth0 is not possible: ");
      local("auto", "netrng", "rng.example.org", "192.0.2.7");
    }

    private void localRefused(
        String entry, @Nullable String bundle, @Nullable String name, String fix) {
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() -> local(entry, bundle, name, null))
          .withMessageStartingWith("netrng.client.servers = " + entry + " is not possible: " + fix);
    }

    private void local(
        String entry, @Nullable String bundle, @Nullable String name, @Nullable String address) {
      new StreamProperties(
          List.of(SERVERS.getFirst(), ServerEntry.valueOf(entry)),
          "a",
          ZERO,
          RATE,
          true,
          new StreamProperties.Tls(bundle, name, KeyExchange.HYBRID_PREFERRED),
          true,
          address,
          SinkKind.RNGD,
          StreamProperties.Combine.ONE);
    }

    @Test
    void rejectsAServerNameWithoutTls() {
      tlsRefused(null, "rng.example.org", "plain TCP has no certificates");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rng.example.org:8989", "a b", "https://rng", "[::1]"})
    void rejectsAServerNameThatIsNoHost(String name) {
      tlsRefused("netrng", name, "use a host name or an IP address, without a port.");
    }

    private void tlsRefused(@Nullable String bundle, String name, String fix) {
      assertThatExceptionOfType(InvalidPropertyException.class)
          .isThrownBy(() ->
              new StreamProperties(
                  SERVERS,
                  "a",
                  ZERO,
                  RATE,
                  false,
                  new StreamProperties.Tls(bundle, name, KeyExchange.HYBRID_PREFERRED),
                  false,
                  null,
                  SinkKind.RNGD,
                  StreamProperties.Combine.ONE))
          .withMessageStartingWith(
              "netrng.client.tls.server-name = " + name + " is not possible: " + fix);
    }

    @Test
    void rejectsAMaximumRateOfZero() {
      refused("netrng.client.max-rate = 0B/s", SERVERS, "a", ZERO, ZERO);
    }
  }
}
