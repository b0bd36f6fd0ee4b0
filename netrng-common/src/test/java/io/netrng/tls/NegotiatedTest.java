// SPDX-License-Identifier: Apache-2.0
package io.netrng.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiatedTest {

  @Test
  void isEmptyWithoutTls() {
    EmbeddedChannel plain = new EmbeddedChannel();
    assertThat(Negotiated.of(plain)).isEmpty();
    plain.finishAndReleaseAll();
  }

  @Test
  void doesNotKnowTheGroupOfTheJdksEngine() throws Exception {
    EmbeddedChannel channel =
        new EmbeddedChannel(new SslHandler(SSLContext.getDefault().createSSLEngine()));
    assertThat(Negotiated.of(channel)).map(Negotiated::group).contains(Negotiated.UNKNOWN);
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @CsvSource({"X25519MLKEM768, X25519MLKEM768", "X25519, X25519", "P-256, other", "unknown, other"})
  void limitsTheValuesOfTheMetricLabelOfTheGroup(String group, String label) {
    assertThat(new Negotiated("TLSv1.3", "TLS_AES_128_GCM_SHA256", group).labels())
        .isEqualTo(new Negotiated.Labels("TLSv1.3", label, "AES_128_GCM"))
        .isIn(Negotiated.Labels.all());
  }

  @ParameterizedTest
  @CsvSource({
    "TLS_AES_256_GCM_SHA384, AES_256_GCM",
    "TLS_CHACHA20_POLY1305_SHA256, CHACHA20_POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, AES_128_GCM",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, other"
  })
  void limitsTheValuesOfTheMetricLabelOfTheCipher(String suite, String label) {
    assertThat(new Negotiated("TLSv1.2", suite, "X25519").labels())
        .isEqualTo(new Negotiated.Labels("TLSv1.2", "X25519", label))
        .isIn(Negotiated.Labels.all());
  }
}
