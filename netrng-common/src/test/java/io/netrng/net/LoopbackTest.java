// SPDX-License-Identifier: Apache-2.0
package io.netrng.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopbackTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.255.0.9",
        "::1",
        "0:0:0:0:0:0:0:1",
        "::ffff:127.0.0.1",
        "localhost",
        "LOCALHOST"
      })
  void identifiesLoopbackAddressesAndLocalhostAsLoopback(String host) {
    assertThat(Loopback.is(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0.0.0.0",
        "::",
        "192.0.2.1",
        "128.0.0.1",
        "fe80::1%eth0",
        "rng.example.org",
        "localhost.example.org",
        "127.0.0.1.example.org",
        "127"
      })
  void identifiesNoOtherAddressOrNameAsLoopback(String host) {
    assertThat(Loopback.is(host)).isFalse();
  }
}
