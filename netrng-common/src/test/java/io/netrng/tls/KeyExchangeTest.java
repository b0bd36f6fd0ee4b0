// SPDX-License-Identifier: Apache-2.0
package io.netrng.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netrng.startup.StartupException;
import io.netrng.testing.Pki;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyExchangeTest {

  private static final String PREFIX = "netrng.server.tls.";

  @ParameterizedTest
  @CsvSource({"HYBRID_PREFERRED,", "HYBRID_PREFERRED, netrng", "HYBRID_REQUIRED, netrng"})
  void isPossibleUnlessTheHybridGroupIsRequiredWithoutTls(
      KeyExchange keyExchange, @Nullable String bundle) {
    assertThatCode(() -> keyExchange.requirePossible(PREFIX, bundle)).doesNotThrowAnyException();
  }

  @Test
  void refusesARequiredHybridGroupWithoutTlsAndNamesTheFix() {
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> KeyExchange.HYBRID_REQUIRED.requirePossible(PREFIX, null))
        .withMessage(
            "netrng.server.tls.key-exchange = hybrid-required needs TLS, but"
                + " netrng.server.tls.bundle is not set.")
        .extracting(StartupException::cure)
        .isEqualTo("Set netrng.server.tls.bundle, or remove netrng.server.tls.key-exchange.");
  }

  @ParameterizedTest
  @CsvSource({"HYBRID_PREFERRED, true", "HYBRID_REQUIRED, false"})
  void enablesTls12OnlyIfTheHybridGroupIsNotRequired(KeyExchange keyExchange, boolean enabled)
      throws Exception {
    Pki pki = new Pki();
    assertThat(
            List.of(
                TlsContexts.ofServer(Pki.keys(pki.server()), pki.trust(), null, keyExchange),
                TlsContexts.ofClient(null, pki.trust(), null, keyExchange)))
        .allSatisfy(context ->
            assertThat(context.newEngine(ByteBufAllocator.DEFAULT).getEnabledProtocols())
                .contains("TLSv1.3")
                .matches(versions -> enabled == List.of(versions).contains("TLSv1.2")));
  }
}
