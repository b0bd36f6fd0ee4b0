// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvConfTest {

  @TempDir Path directory;

  private ResolvConf read(String content) throws IOException {
    return ResolvConf.read(Files.writeString(directory.resolve("resolv.conf"), content));
  }

  @Test
  void readsNameServersAndTheLastSearchDomainsInTheirOrder() throws IOException {
    ResolvConf conf =
        read(
            """
            # generated
            domain old.example.org
            search  lan. example.org\t home.arpa
            options ndots:5
            nameserver 192.0.2.53
            nameserver not-an-address
              nameserver\t2001:db8::53
            nameserver
            """);

    assertThat(conf.nameServers())
        .containsExactly(
            new InetSocketAddress("192.0.2.53", 53), new InetSocketAddress("2001:db8::53", 53));
    assertThat(conf.searchDomains()).containsExactly("lan", "example.org", "home.arpa");
  }

  @Test
  void anEmptyFileHasNoNameServer() throws IOException {
    assertThat(read("")).isEqualTo(new ResolvConf(List.of(), List.of()));
  }

  @Test
  void aMissingFileIsAnError() {
    assertThatIOException().isThrownBy(() -> ResolvConf.read(directory.resolve("none")));
  }
}
