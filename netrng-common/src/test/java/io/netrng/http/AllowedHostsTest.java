// SPDX-License-Identifier: Apache-2.0
package io.netrng.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.startup.InvalidPropertyException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {

  private final AllowedHosts hosts =
      new AllowedHosts("netrng.test.allowed-hosts", List.of("RNG.example.org", "rng"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.1:8080",
        "192.0.2.7:80",
        "[::1]",
        "[::1]:8080",
        "[2001:db8::7]:8080",
        "localhost",
        "LOCALHOST:8080",
        "localhost.:8080",
        "rng.localhost",
        "rng.example.org",
        "rng.example.ORG.:8080",
        "rng:8080"
      })
  void allowsAddressesLoopbackNamesAndConfiguredNames(String authority) {
    assertThat(hosts.allow(authority)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":8080",
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "evillocalhost",
        ".localhost.example",
        "127.0.0.1.evil.example",
        "rng.example.org.evil.example",
        "x.rng.example.org",
        "127.0.0.1:8080, evil.example",
        "127.0.0.1 evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1@evil.example",
        "127.1",
        "0x7f000001",
        "2130706433",
        "::1",
        "[::1",
        "[::1]x",
        "[evil.example]",
        "[::1]evil.example"
      })
  void rejectsAllOtherHosts(String authority) {
    assertThat(hosts.allow(authority)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "*", "*.example.org", "http://rng", "rng:8080", "[::1]", "a b", "a..b"})
  void rejectsAConfiguredValueThatIsNotAHostName(String name) {
    assertThatExceptionOfType(InvalidPropertyException.class)
        .isThrownBy(() -> new AllowedHosts("netrng.test.allowed-hosts", List.of(name)))
        .withMessageContaining("netrng.test.allowed-hosts[] = '" + name + "'");
  }
}
