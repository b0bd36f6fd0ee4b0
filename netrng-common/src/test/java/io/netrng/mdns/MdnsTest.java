// SPDX-License-Identifier: Apache-2.0
package io.netrng.mdns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import javax.jmdns.JmDNS;
import org.junit.jupiter.api.Test;

class MdnsTest {

  @Test
  void theAddressGivesTheNameOfTheMachineWithoutANameServer() throws Exception {
    InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    try (JmDNS mdns = Mdns.open(address)) {
      assertThat(mdns.getHostName()).isEqualTo("127-0-0-1.local.");
      assertThat(mdns.getInetAddress().getHostName())
          .as("a search would have found localhost")
          .isEqualTo("127.0.0.1");
    }
  }
}
