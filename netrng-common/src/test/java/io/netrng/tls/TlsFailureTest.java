// SPDX-License-Identifier: Apache-2.0
package io.netrng.tls;

import static io.netrng.tls.TlsFailure.Kind.NO_CERTIFICATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netrng.tls.TlsFailure.Kind;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TlsFailureTest {

  @Test
  void reportsTheDeepestCause() {
    SSLException failure =
        new SSLException("engine", new CertificateException("No name matching a found"));
    assertThat(TlsFailure.reason(new DecoderException(failure)))
        .contains("the other side is not trusted: No name matching a found");
  }

  @Test
  void reportsATlsAlertUnchanged() {
    assertThat(TlsFailure.reason(new SSLHandshakeException("fatal alert: certificate_required")))
        .contains("fatal alert: certificate_required");
  }

  @Test
  void reducesABoringSslErrorToItsName() {
    String words = "error:100000c0:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE";
    assertThat(TlsFailure.reason(new SSLHandshakeException(words)))
        .contains("PEER_DID_NOT_RETURN_A_CERTIFICATE");
  }

  @Test
  void omitsReceivedBytesThatAreNotTlsFromTheReason() {
    assertThat(TlsFailure.reason(new DecoderException(new NotSslRecordException("0badcafe"))))
        .hasValueSatisfying(words -> assertThat(words).doesNotContain("0badcafe"));
  }

  static Stream<Arguments> kinds() {
    return Stream.of(
        arguments(new SslHandshakeTimeoutException("handshake timed out"), Kind.TIMEOUT),
        arguments(new DecoderException(new NotSslRecordException("x")), Kind.NOT_TLS),
        arguments(new SSLHandshakeException("PEER_DID_NOT_RETURN_A_CERTIFICATE"), NO_CERTIFICATE),
        arguments(new SSLHandshakeException("Empty client certificate chain"), NO_CERTIFICATE),
        arguments(new SSLException("engine", new CertificateException("expired")), Kind.UNTRUSTED),
        arguments(
            new SSLHandshakeException(
                "error:10000416:SSL routines:OPENSSL_internal:"
                    + "SSLV3_ALERT_CERTIFICATE_UNKNOWN"),
            Kind.ALERT),
        arguments(new SSLHandshakeException("Received fatal alert: unknown_ca"), Kind.ALERT),
        arguments(new ClosedChannelException(), Kind.CLOSED),
        arguments(new SSLHandshakeException("NO_SHARED_CIPHER"), Kind.PROTOCOL),
        arguments(new SSLException((String) null), Kind.PROTOCOL));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void classifiesEachTlsFailure(Throwable failure, Kind kind) {
    assertThat(TlsFailure.kind(failure)).isEqualTo(kind);
  }

  @Test
  void reportsNoTlsReasonForOtherFailures() {
    assertThat(TlsFailure.reason(new IOException("Connection reset by peer"))).isEmpty();
  }
}
