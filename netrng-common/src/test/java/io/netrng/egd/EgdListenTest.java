// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netrng.startup.InvalidPropertyException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class EgdListenTest {

  private static final String LIST = "netrng.server.egd.listen";

  private static List<EgdListen> bind(Map<String, String> properties) {
    return new Binder(new MapConfigurationPropertySource(properties))
        .bind(LIST, Bindable.listOf(EgdListen.class))
        .get();
  }

  private static void check(EgdListen... entries) {
    EgdListen.check(LIST, Arrays.asList(entries));
  }

  private static EgdListen entry(
      String address, @Nullable String name, String mode, @Nullable String group, boolean tls) {
    return new EgdListen(address, name, EgdMode.EGD, mode, group, tls ? true : null);
  }

  @Test
  void anEntryIsTheAddressAloneOrAnObject() {
    // when
    List<EgdListen> bound =
        bind(
            Map.of(
                LIST + "[0]", "/run/netrng/egd.sock",
                LIST + "[1].address", "/run/netrng/qemu.sock",
                LIST + "[1].mode", "qemu",
                LIST + "[1].socket-group", "kvm",
                LIST + "[1].socket-mode", "0600",
                LIST + "[1].name", "guests"));

    // then
    assertThat(bound)
        .containsExactly(
            new EgdListen("/run/netrng/egd.sock", null, EgdMode.EGD, "0660", null, null),
            new EgdListen("/run/netrng/qemu.sock", "guests", EgdMode.QEMU, "0600", "kvm", null));
    assertThat(bound.getLast().socketModeBits()).isEqualTo(0600);
    assertThatCode(() -> EgdListen.check(LIST, bound)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "/run/netrng/egd.sock, egd",
    "/run/guests, guests",
    "127.0.0.1:8990, egd-8990",
    "[::1]:8990, egd-8990"
  })
  void namesTheClientsAfterTheAddress(String address, String identity) {
    assertThat(EgdListen.valueOf(address).identity()).isEqualTo(identity);
  }

  @Test
  void splitsTcpAddresses() {
    assertThat(EgdListen.valueOf("[::1]:8990").host()).isEqualTo("::1");
    assertThat(EgdListen.valueOf("[::1]:8990").port()).isEqualTo(8990);
    assertThat(EgdListen.valueOf("localhost:0").host()).isEqualTo("localhost");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "run/egd.sock", "/run/", "8990", "127.0.0.1", "::1:8990", "h:65536"})
  void refusesOtherAddresses(String address) {
    assertThatThrownBy(() -> check(EgdListen.valueOf(address)))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessage(
            "netrng.server.egd.listen[0].address = '%s' is not possible: give the absolute path of a unix socket, or host:port such as 127.0.0.1:8990 or [::1]:8990"
                .formatted(address));
  }

  @Test
  void refusesAPathThatTheKernelCannotBind() {
    // given
    String longest = "/" + "d".repeat(95) + "/s.sock";

    // then
    assertThat(longest).hasSize(103);
    assertThatCode(() -> check(EgdListen.valueOf(longest))).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(EgdListen.valueOf("/d" + longest)))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessageEndingWith("the path of a unix socket has at most 103 bytes here");
  }

  @Test
  void refusesANameThatIsNoLabel() {
    assertThatThrownBy(() -> check(EgdListen.valueOf("/run/my socket.sock")))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessage(
            "netrng.server.egd.listen[0].name = 'my socket' is not possible: set it to 1 to 64 characters of A-Z a-z 0-9 . _ -");
  }

  @ParameterizedTest
  @ValueSource(strings = {"660", "432", "0888", "rw-rw----"})
  void refusesAModeThatIsNotFourOctalDigits(String mode) {
    assertThatThrownBy(() -> check(entry("/run/egd.sock", null, mode, null, false)))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessageStartingWith("netrng.server.egd.listen[0].socket-mode = " + mode);
  }

  @Test
  void refusesPartsThatTheAddressCannotHave() {
    assertThatThrownBy(() -> check(entry("127.0.0.1:1", null, "0660", "kvm", false)))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessageStartingWith("netrng.server.egd.listen[0].socket-group = kvm");
    assertThatThrownBy(() -> check(entry("/run/egd.sock", null, "0660", null, true)))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessageStartingWith("netrng.server.egd.listen[0].tls = true");
  }

  @Test
  void refusesAnAddressThatIsListedTwiceUnlessItsPortIsAnyFreeOne() {
    EgdListen any = EgdListen.valueOf("127.0.0.1:0");
    EgdListen socket = EgdListen.valueOf("/run/egd.sock");
    assertThatCode(() -> check(any, any)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(any, socket, socket))
        .isInstanceOf(InvalidPropertyException.class)
        .hasMessage(
            "netrng.server.egd.listen[2].address = /run/egd.sock is not possible: name each address once");
  }
}
