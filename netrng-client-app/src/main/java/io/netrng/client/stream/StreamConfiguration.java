// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.audit.AuditLog;
import io.netrng.client.egd.Guests;
import io.netrng.client.sink.Sink;
import io.netrng.client.sink.SinkKind;
import io.netrng.clone.CloneWatch;
import io.netrng.reload.ConfigReloader;
import io.netrng.reload.ReloadableBundle;
import io.netrng.service.ServiceManager;
import io.netrng.tls.KeyExchange;
import io.netrng.tls.TlsContexts;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import javax.net.ssl.SSLException;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.scheduling.TaskScheduler;

/** Creates the beans of the stream. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  StreamProperties.class,
  AuditProperties.class,
  CloneProperties.class
})
class StreamConfiguration {

  private static final String PREFIX = "netrng.client.tls.";

  @Bean
  AuditLog auditLog(AuditProperties properties) {
    return properties.open();
  }

  @Bean
  StreamClient streamClient(
      StreamProperties properties, Guests guests, SslBundles bundles, AuditLog audit) {
    String name = properties.tls().bundle();
    KeyExchange keyExchange = properties.tls().keyExchange();
    keyExchange.requirePossible(PREFIX, name);
    StreamClient client =
        new StreamClient(
            properties,
            guests.intake(),
            StreamTimings.DEFAULT,
            name == null
                ? null
                : new ReloadableBundle<>(
                    bundles, PREFIX + "bundle", name, bundle -> context(bundle, keyExchange)),
            InetAddress::getAllByName,
            audit);
    if (name != null) {
      // Registered after the handler of the reloadable bundle, so it runs with the new
      // certificates.
      bundles.addBundleUpdateHandler(name, _ -> client.retryNow());
    }
    return client;
  }

  @Bean
  SinkKind sinkKind(StreamProperties properties) {
    return properties.sink();
  }

  @Bean
  StreamStatus streamStatus(StreamClient client) {
    return client.status();
  }

  @Bean
  CloneWatch cloneWatch(
      CloneProperties properties,
      StreamClient stream,
      Guests guests,
      Sink sink,
      AuditLog audit,
      TaskScheduler scheduler,
      ServiceManager manager) {
    return new CloneWatch(
        properties.cloneDetection(),
        new CloneResponse(stream, guests, sink, audit),
        scheduler,
        manager);
  }

  @Bean
  ConfigReloader configReloader(
      ConfigurableEnvironment environment,
      SslBundleRegistry bundles,
      TaskScheduler scheduler,
      ServiceManager manager,
      StreamProperties properties,
      StreamClient stream) {
    return new ConfigReloader(
        environment, bundles, scheduler, manager, properties.tls().bundle(), stream::retryNow);
  }

  private static SslContext context(SslBundle bundle, KeyExchange keyExchange) throws SSLException {
    boolean anonymous = bundle.getStores().getKeyStore() == null;
    return TlsContexts.ofClient(
        anonymous ? null : bundle.getManagers().getKeyManagerFactory(),
        bundle.getManagers().getTrustManagerFactory(),
        bundle.getOptions().getCiphers(),
        keyExchange);
  }
}
