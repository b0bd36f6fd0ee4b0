// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.egd.EgdListen;
import io.netrng.egd.EgdMode;
import io.netrng.startup.InvalidPropertyException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgdPropertiesTest {

  private static EgdProperties properties(String... addresses) {
    return new EgdProperties(Stream.of(addresses).map(EgdListen::valueOf).toList());
  }

  @Test
  void acceptsUnixSocketsAndLoopbackAddresses() {
    assertThat(properties("/run/netrng-client/egd.sock", "127.0.0.1:8990", "[::1]:8990").listen())
        .hasSize(3);
    assertThat(properties("localhost:8990").listen()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:8990", "192.0.2.1:8990", "[::]:8990", "host:8990"})
  void rejectsAnAddressThatOtherMachinesCanReach(String address) {
    assertThatExceptionOfType(InvalidPropertyException.class)
        .isThrownBy(() -> properties("/run/egd.sock", address))
        .withMessageContaining("netrng.client.egd.listen[1].address = " + address)
        .withMessageContaining("only guests of this machine may draw from the client");
  }

  @Test
  void rejectsTls() {
    EgdListen tls = new EgdListen("127.0.0.1:8990", null, EgdMode.EGD, "0660", null, true);
    assertThatExceptionOfType(InvalidPropertyException.class)
        .isThrownBy(() -> new EgdProperties(List.of(tls)))
        .withMessageContaining("netrng.client.egd.listen[0].tls = true");
  }

  @Test
  void rejectsAnEntryThatNoListenerCanHave() {
    assertThatExceptionOfType(InvalidPropertyException.class)
        .isThrownBy(() -> properties("egd.sock"))
        .withMessageContaining("netrng.client.egd.listen[0].address");
  }
}
