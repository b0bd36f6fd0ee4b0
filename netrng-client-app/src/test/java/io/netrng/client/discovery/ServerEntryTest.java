// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ServerEntryTest {

  @Test
  void springBindsEntriesOfAllKindsInTheirOrder() {
    Binder binder =
        new Binder(
            new MapConfigurationPropertySource(
                Map.of("servers", "srv:_netrng._tcp.example.org, rng.example.org:8989,[::1]:1")));

    assertThat(binder.bind("servers", Bindable.listOf(ServerEntry.class)).get())
        .isEqualTo(
            List.of(
                new ServerEntry.Srv("_netrng._tcp.example.org"),
                new ServerAddress("rng.example.org", 8989),
                new ServerAddress("::1", 1)));
  }

  @ParameterizedTest
  @CsvSource({
    "srv:_netrng._tcp.example.org, example.org",
    "srv:_netrng._tcp.example.org., example.org",
    "srv:_stream._tcp.netrng-server-headless.default.svc.cluster.local,"
        + " netrng-server-headless.default.svc.cluster.local",
    "srv:_netrng._tcp.lan, lan"
  })
  void theDomainOfAServiceIsItsNameWithoutServiceLabels(String text, String domain) {
    ServerEntry entry = ServerEntry.valueOf(text);
    assertThat(entry).isInstanceOf(ServerEntry.Srv.class);
    assertThat(((ServerEntry.Srv) entry).domain()).isEqualTo(domain);
    assertThat(entry).hasToString(text.replaceAll("\\.$", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "srv:",
        "srv:example.org",
        "srv:_netrng.example.org",
        "srv:_netrng._tcp",
        "srv:_netrng._tcp.",
        "srv:_netrng._tcp.example..org",
        "srv:_netrng._tcp.example.org:8989",
        "srv: _netrng._tcp.example.org"
      })
  void rejectsAnInvalidServiceNameWithAnExample(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerEntry.valueOf(text))
        .withMessageContaining("like _netrng._tcp.example.org");
  }
}
