// SPDX-License-Identifier: Apache-2.0
package io.netrng.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A certificate authority for one test, and its certificates. */
public final class Pki {

  private final X509Bundle authority;

  /** Creates an authority that no other code trusts. */
  public Pki() {
    try {
      authority =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=test authority")
              .setIsCertificateAuthority(true)
              .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Creates a certificate for the server at 127.0.0.1 and localhost. */
  public X509Bundle server() {
    return sign(
        builder("CN=server")
            .addSanDnsName("localhost")
            .addSanIpAddress("127.0.0.1")
            .addExtendedKeyUsageServerAuth());
  }

  /** Creates a certificate for a client. */
  public X509Bundle client(String name) {
    return sign(builder("CN=" + name).addExtendedKeyUsageClientAuth());
  }

  /** Signs any certificate. */
  public X509Bundle sign(CertificateBuilder certificate) {
    try {
      return certificate.buildIssuedBy(authority);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns an unsigned certificate. */
  public static CertificateBuilder builder(String subject) {
    return new CertificateBuilder().ecp256().subject(subject);
  }

  /** Returns the authority's own certificate. */
  public X509Certificate authority() {
    return authority.getCertificate();
  }

  /** Returns trust managers for this authority. */
  public TrustManagerFactory trust() {
    return authority.toTrustManagerFactory();
  }

  /** Returns key managers for a certificate's key. */
  public static KeyManagerFactory keys(X509Bundle certificate) {
    try {
      return certificate.toKeyManagerFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the context for JDK sockets, with or without a certificate. */
  public SSLContext sockets(@Nullable X509Bundle own) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          own == null ? null : keys(own).getKeyManagers(), trust().getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
