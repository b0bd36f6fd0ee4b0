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

  private static final String PREFIX = "netrng.server.tls.";

  @Bean
  ClientAuthenticator clientAuthenticator(SecurityProperties properties) {
    return new ClientAuthenticator(properties);
  }

  @Bean
  TransportSecurity transportSecurity(
      SecurityProperties properties, LimitsProperties limits, SslBundles bundles) {
    SecurityProperties.Tls tls = properties.tls();
    String name = tls.bundle();
    tls.keyExchange().requirePossible(PREFIX, name);
    if (name == null) {
      return new TransportSecurity(properties, limits, null);
    }
    return new TransportSecurity(
        properties,
        limits,
        new ReloadableBundle<>(bundles, PREFIX + "bundle", name, bundle -> context(bundle, tls)));
  }

  private static SslContext context(SslBundle bundle, SecurityProperties.Tls tls)
      throws SSLException {
    boolean certificates = tls.demandsCertificates();
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
        bundle.getOptions().getCiphers(),
        tls.keyExchange());
  }
}
