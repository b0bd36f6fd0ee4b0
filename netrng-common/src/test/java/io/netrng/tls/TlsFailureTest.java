package io.netrng.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class TlsFailureTest {

  @Test
  void theCauseThatLiesDeepestIsNamed() {
    SSLException failure =
        new SSLException("engine", new CertificateException("No name matching a found"));
    assertThat(TlsFailure.reason(new DecoderException(failure)))
        .contains("the other side is not trusted: No name matching a found");
  }

  @Test
  void anAlertSpeaksForItself() {
    assertThat(TlsFailure.reason(new SSLHandshakeException("fatal alert: certificate_required")))
        .contains("fatal alert: certificate_required");
  }

  @Test
  void boringSslIsCutToWhatItMeans() {
    String words = "error:100000c0:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE";
    assertThat(TlsFailure.reason(new SSLHandshakeException(words)))
        .contains("PEER_DID_NOT_RETURN_A_CERTIFICATE");
  }

  @Test
  void whatWasReceivedInsteadOfTlsIsNotRepeated() {
    assertThat(TlsFailure.reason(new DecoderException(new NotSslRecordException("0badcafe"))))
        .hasValueSatisfying(words -> assertThat(words).doesNotContain("0badcafe"));
  }

  @Test
  void otherFailuresAreNoneOfTls() {
    assertThat(TlsFailure.reason(new IOException("Connection reset by peer"))).isEmpty();
  }
}
