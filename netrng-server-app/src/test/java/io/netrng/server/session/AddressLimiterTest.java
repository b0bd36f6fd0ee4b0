// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.session.AddressLimiter.Decision;
import io.netrng.server.source.Source.Availability;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressLimiterTest {

  private final AddressLimiter limiter =
      new AddressLimiter(
          TestServer.limits(),
          new Admission(
              TestServer.properties(0, 1, Duration.ofSeconds(10)),
              Availability.Available::new,
              () -> 0,
              () -> {},
              () -> 0,
              new Random(1)));

  private static InetAddress address(String text) throws UnknownHostException {
    return InetAddress.getByName(text);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "127.0.0.1, 127.0.0.1",
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:2::",
    "2001:db8:1:2::, 2001:db8:1:2::",
    "::1, ::1"
  })
  void mapsAnIpv4AddressToItselfAndAnIpv6AddressToItsFirst64Bits(String of, String network)
      throws Exception {
    assertThat(AddressLimiter.networkOf(address(of))).isEqualTo(address(network));
  }

  @Test
  void mapsAnIpv4MappedIpv6AddressToTheIpv4Address() throws Exception {
    // InetAddress.getByName would already convert it to the IPv4 address.
    byte[] bytes = HexFormat.of().parseHex("00000000000000000000ffffc0000201");
    Inet6Address inside = Inet6Address.getByAddress(null, bytes, 0);
    assertThat(AddressLimiter.networkOf(inside)).isEqualTo(address("192.0.2.1"));
  }

  @Test
  void ignoresTheScopeOfALinkLocalAddress() throws Exception {
    byte[] bytes = address("fe80::1").getAddress();
    assertThat(AddressLimiter.networkOf(Inet6Address.getByAddress(null, bytes, 3)))
        .isEqualTo(AddressLimiter.networkOf(Inet6Address.getByAddress(null, bytes, 4)));
  }

  @Test
  void acceptsUpToTheLimitThenRejectsAsManyThenDropsForEachNetwork() throws Exception {
    InetAddress one = address("192.0.2.1");
    assertThat(limiter.tryAccept(one, 2)).isEqualTo(Decision.ACCEPT);
    assertThat(limiter.tryAccept(one, 2)).isEqualTo(Decision.ACCEPT);
    assertThat(limiter.tryAccept(one, 2)).isEqualTo(Decision.REJECT);
    assertThat(limiter.tryAccept(one, 2)).isEqualTo(Decision.REJECT);
    assertThat(limiter.tryAccept(one, 2)).isEqualTo(Decision.DROP);
    assertThat(limiter.tryAccept(address("192.0.2.2"), 2)).isEqualTo(Decision.ACCEPT);
    assertThat(limiter.connections()).isEqualTo(5);
  }

  @Test
  void acceptsAgainOnlyWhenAnAcceptedConnectionIsClosed() throws Exception {
    // given
    InetAddress one = address("192.0.2.1");
    limiter.tryAccept(one, 1);
    limiter.tryAccept(one, 1);

    // when the rejected connection is closed
    limiter.release(one, Decision.REJECT);

    // then
    assertThat(limiter.tryAccept(one, 1)).isEqualTo(Decision.REJECT);

    // and when the accepted connection is closed
    limiter.release(one, Decision.ACCEPT);
    assertThat(limiter.tryAccept(one, 1)).isEqualTo(Decision.ACCEPT);
  }
}
