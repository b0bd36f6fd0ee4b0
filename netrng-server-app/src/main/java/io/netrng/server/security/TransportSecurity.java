// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.logging.LogRateLimiter;
import io.netrng.naming.ExternalName;
import io.netrng.net.Loopback;
import io.netrng.startup.StartupException;
import io.netrng.tls.TlsFailure;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpServer;

/** TLS of the stream's listener, or plain TCP where that is safe or allowed. */
public final class TransportSecurity {

  private static final Logger log = LoggerFactory.getLogger(TransportSecurity.class);

  private final SecurityProperties properties;
  private final LimitsProperties limits;
  private final @Nullable Supplier<SslContext> tls;
  private final Map<TlsFailure.Kind, Long> failures = new ConcurrentHashMap<>();
  private final LogRateLimiter logLimiter = new LogRateLimiter(System::nanoTime);

  /**
   * Creates the transport security of one listener.
   *
   * @param tls provides the TLS settings at each handshake; null is plain TCP
   */
  public TransportSecurity(
      SecurityProperties properties, LimitsProperties limits, @Nullable Supplier<SslContext> tls) {
    this.properties = properties;
    this.limits = limits;
    this.tls = tls;
  }

  /** How the connections of clients are protected. The lower-case names are those in the API. */
  public enum Mode implements ExternalName {
    /** TLS, and each client proves its identity with a certificate. */
    MUTUAL_TLS,
    /** TLS without certificates of the clients. */
    TLS,
    /** Neither encryption nor proof of identity. */
    PLAINTEXT
  }

  /** Returns how the connections of clients are protected. */
  public Mode mode() {
    if (tls == null) {
      return Mode.PLAINTEXT;
    }
    return properties.tls().demandsCertificates() ? Mode.MUTUAL_TLS : Mode.TLS;
  }

  /**
   * Checks that the listener is safe, and logs how clients are authenticated. Called once, before
   * the server listens.
   *
   * @throws StartupException if the stream would leave this machine in plain TCP and the
   *     configuration does not allow it
   */
  public void requireSafe(String bindAddress) {
    Supplier<SslContext> contexts = tls;
    if (contexts != null) {
      String engine = contexts.get().getClass().getSimpleName();
      if (properties.tls().demandsCertificates()) {
        log.atInfo().addKeyValue("engine", engine).log("TLS with client certificates");
      } else {
        log.atWarn()
            .addKeyValue("engine", engine)
            .log(
                "TLS without client certificates: every client is admitted, and labels are not"
                    + " verified (netrng.server.tls.client-auth)");
      }
    } else {
      requirePlaintextAllowed("netrng.server.bind-address", bindAddress);
    }
  }

  /**
   * Checks that a listener may send entropy in plain TCP, and logs what this means.
   *
   * @param property names the address
   * @throws StartupException if the entropy would leave this machine and the configuration does not
   *     allow it
   */
  private void requirePlaintextAllowed(String property, String address) {
    if (Loopback.is(address)) {
      log.atInfo().log("plain TCP on loopback: labels are not verified");
    } else if (properties.allowPlaintext()) {
      log.atWarn()
          .addKeyValue("address", address)
          .log(
              "plain TCP beyond loopback: anyone on the network can read and change the"
                  + " entropy, and labels are not verified (netrng.server.allow-plaintext)");
    } else {
      throw new StartupException(
          "%s = %s would serve entropy in plain TCP beyond this machine."
              .formatted(property, address),
          "Set netrng.server.tls.bundle (make certs writes one),"
              + " netrng.server.allow-plaintext=true if the network is trusted, or listen on"
              + " 127.0.0.1.");
    }
  }

  /**
   * Whether another listener uses TLS.
   *
   * @param tls its own property; null is the same as the stream
   */
  public boolean isUsedBy(@Nullable Boolean tls) {
    return mode() != Mode.PLAINTEXT && !Boolean.FALSE.equals(tls);
  }

  /**
   * Checks that another listener is safe.
   *
   * @param tls its own property; null is the same as the stream
   * @param tlsProperty the name of that property
   * @param addressProperty the name of the property with its address
   * @throws StartupException if its TLS is not possible, or it needs TLS
   */
  public void requireSafe(
      @Nullable Boolean tls, String tlsProperty, String addressProperty, String address) {
    if (Boolean.TRUE.equals(tls) && mode() == Mode.PLAINTEXT) {
      throw new StartupException(
          tlsProperty + " = true is not possible without certificates.",
          "Set netrng.server.tls.bundle as well (make certs writes one).");
    }
    if (!isUsedBy(tls)) {
      requirePlaintextAllowed(addressProperty, address);
    }
  }

  /** Adds TLS to a server, if it is configured. */
  public TcpServer secure(TcpServer server) {
    return secure(server, _ -> {});
  }

  /**
   * Adds TLS to a server that also admits clients without a certificate, if TLS is configured. A
   * certificate that a client has must be valid.
   */
  public TcpServer secureWithoutCertificates(TcpServer server) {
    return properties.tls().demandsCertificates()
        ? secure(server, handler -> handler.engine().setWantClientAuth(true))
        : secure(server);
  }

  private TcpServer secure(TcpServer server, Consumer<SslHandler> configurator) {
    Supplier<SslContext> contexts = tls;
    if (contexts == null) {
      return server;
    }
    // Only the mapping by the requested server name is evaluated again for each connection, which a
    // change of certificates requires.
    SslProvider each =
        provider(contexts, configurator)
            .setSniAsyncMappings(
                (name, promise) -> promise.setSuccess(provider(contexts, configurator).build()))
            .build();
    return server
        .secure(each)
        .doOnChannelInit((observer, channel, address) ->
            channel
                .pipeline()
                .addBefore(
                    NettyPipeline.ReactiveBridge,
                    "netrng.handshake",
                    new HandshakeFailures(
                        kind -> failures.merge(kind, 1L, Long::sum), logLimiter)));
  }

  private SslProvider.Builder provider(
      Supplier<SslContext> contexts, Consumer<SslHandler> configurator) {
    return SslProvider.builder()
        .sslContext(contexts.get())
        .handshakeTimeout(limits.handshakeTimeout())
        // Netty would gather small writes in its own buffers, which are never zeroed.
        .handlerConfigurator(handler -> {
          handler.setWrapDataSize(0);
          configurator.accept(handler);
        });
  }

  /** The number of TLS handshakes that failed for this reason. */
  public long handshakesFailed(TlsFailure.Kind kind) {
    return failures.getOrDefault(kind, 0L);
  }
}
