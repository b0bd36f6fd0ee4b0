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
  void limitsTheValuesOfTheMetricLabel(String group, String label) {
    assertThat(new Negotiated("TLSv1.3", "TLS_AES_128_GCM_SHA256", group).groupLabel())
        .isEqualTo(label)
        .isIn(Negotiated.GROUP_LABELS);
  }
}
