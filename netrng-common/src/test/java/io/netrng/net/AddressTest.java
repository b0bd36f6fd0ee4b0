// SPDX-License-Identifier: Apache-2.0
package io.netrng.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {

  @ParameterizedTest
  @CsvSource({"192.0.2.7,192.0.2.7:8989", "2001:db8::7,[2001:db8::7]:8989"})
  void formatsAnAddressAsHostAndPortWithBracketsForIpv6(String host, String text)
      throws UnknownHostException {
    assertThat(Address.text(new InetSocketAddress(InetAddress.getByName(host), 8989)))
        .isEqualTo(text);
  }

  @Test
  void formatsTheAddressOfAClosedConnectionAsUnknown() {
    assertThat(Address.text(null)).isEqualTo("unknown");
  }
}
