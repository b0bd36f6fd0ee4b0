// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.reload.ReloadableBundle;
import io.netrng.tls.TlsContexts;
import io.netty.handler.ssl.SslContext;
import javax.net.ssl.SSLException;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({SecurityProperties.class, LimitsProperties.class})
class SecurityConfiguration {

  private static final String BUNDLE = "netrng.server.tls.bundle";

  @Bean
  ClientAuthenticator clientAuthenticator(SecurityProperties properties) {
    return new ClientAuthenticator(properties);
  }

  @Bean
  TransportSecurity transportSecurity(
      SecurityProperties properties, LimitsProperties limits, SslBundles bundles) {
    String name = properties.tls().bundle();
    if (name == null) {
      return new TransportSecurity(properties, limits, null);
    }
    boolean certificates = properties.tls().demandsCertificates();
    return new TransportSecurity(
        properties,
        limits,
        new ReloadableBundle<>(bundles, BUNDLE, name, bundle -> context(bundle, certificates)));
  }

  private static SslContext context(SslBundle bundle, boolean certificates) throws SSLException {
    if (bundle.getStores().getKeyStore() == null) {
      throw new SSLException("it has no keystore with the server's certificate and key");
    }
    // The authorities that a JDK trusts sign certificates for any applicant.
    if (certificates && bundle.getStores().getTrustStore() == null) {
      throw new SSLException("it has no truststore that says who signs the clients' certificates");
    }
    return TlsContexts.ofServer(
        bundle.getManagers().getKeyManagerFactory(),
        certificates ? bundle.getManagers().getTrustManagerFactory() : null,
        bundle.getOptions().getCiphers());
  }
}
