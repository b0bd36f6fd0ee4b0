package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.server.session.Networks.Place;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworksTest {

  private final Networks networks = new Networks();

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
  void anAddressIsItsOwnNetworkOrOneOfSixtyFourBits(String of, String network) throws Exception {
    assertThat(Networks.of(address(of))).isEqualTo(address(network));
  }

  @Test
  void anIpv4AddressInsideAnIpv6OneIsWhatItIs() throws Exception {
    // The JDK's own methods would turn it into an IPv4 address before anybody sees it.
    byte[] bytes = HexFormat.of().parseHex("00000000000000000000ffffc0000201");
    Inet6Address inside = Inet6Address.getByAddress(null, bytes, 0);
    assertThat(Networks.of(inside)).isEqualTo(address("192.0.2.1"));
  }

  @Test
  void whereALinkLocalAddressWasHeardDoesNotMatter() throws Exception {
    byte[] bytes = address("fe80::1").getAddress();
    assertThat(Networks.of(Inet6Address.getByAddress(null, bytes, 3)))
        .isEqualTo(Networks.of(Inet6Address.getByAddress(null, bytes, 4)));
  }

  @Test
  void eachNetworkHasItsPlacesAndAsManyThatAreRefused() throws Exception {
    InetAddress one = address("192.0.2.1");
    assertThat(networks.enter(one, 2)).isEqualTo(Place.TAKEN);
    assertThat(networks.enter(one, 2)).isEqualTo(Place.TAKEN);
    assertThat(networks.enter(one, 2)).isEqualTo(Place.REFUSED);
    assertThat(networks.enter(one, 2)).isEqualTo(Place.REFUSED);
    assertThat(networks.enter(one, 2)).isEqualTo(Place.NONE);
    assertThat(networks.enter(address("192.0.2.2"), 2)).isEqualTo(Place.TAKEN);
  }

  @Test
  void aPlaceIsFreeAgainWhenItsConnectionIsGone() throws Exception {
    // given
    InetAddress one = address("192.0.2.1");
    networks.enter(one, 1);
    networks.enter(one, 1);

    // when the refused one goes
    networks.leave(one, Place.REFUSED);

    // then its place alone is free
    assertThat(networks.enter(one, 1)).isEqualTo(Place.REFUSED);

    // and when the other one goes
    networks.leave(one, Place.TAKEN);
    assertThat(networks.enter(one, 1)).isEqualTo(Place.TAKEN);
  }
}
