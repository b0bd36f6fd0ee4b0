package io.netrng.server.security;

import io.netrng.logging.LogRateLimiter;
import io.netrng.net.Loopback;
import io.netrng.startup.StartupException;
import io.netrng.tls.TlsFailure;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpServer;

/** What a connection has to pass before anything that its client says is believed. */
public final class Gate {

  private static final Logger log = LoggerFactory.getLogger(Gate.class);

  private final SecurityProperties properties;
  private final LimitsProperties limits;
  private final @Nullable Supplier<SslContext> tls;
  private final Map<TlsFailure.Kind, Long> failures = new ConcurrentHashMap<>();
  private final LogRateLimiter logLimiter = new LogRateLimiter(System::nanoTime);
  private volatile Denials denials;

  /**
   * Makes a gate.
   *
   * @param tls is asked at each handshake; null lets everybody in by plain TCP
   */
  public Gate(
      SecurityProperties properties, LimitsProperties limits, @Nullable Supplier<SslContext> tls) {
    this.properties = properties;
    this.limits = limits;
    this.tls = tls;
    denials = new Denials(properties.denied());
  }

  /** What is known of a client. */
  public sealed interface Decision {

    /**
     * It may ask to be let in.
     *
     * @param identity who it is
     */
    record Known(Identity identity) implements Decision {}

    /**
     * It is turned away.
     *
     * @param reason what it is told
     */
    record Refused(String reason) implements Decision {}
  }

  /**
   * Says how far the clients are trusted, once, before the server listens.
   *
   * @throws StartupException if the stream would leave this machine in plain TCP and nobody has
   *     allowed it
   */
  public void open(String bindAddress) {
    Supplier<SslContext> contexts = tls;
    if (contexts != null) {
      String engine = contexts.get().getClass().getSimpleName();
      if (properties.tls().demandsCertificates()) {
        log.atInfo().addKeyValue("engine", engine).log("TLS with client certificates");
      } else {
        log.atWarn()
            .addKeyValue("engine", engine)
            .log(
                "TLS without client certificates: everybody is let in, and labels are taken on"
                    + " trust (netrng.server.tls.client-auth)");
      }
    } else if (Loopback.is(bindAddress)) {
      log.atInfo().log("plain TCP on loopback: labels are not verified");
    } else if (properties.allowPlaintext()) {
      log.atWarn()
          .addKeyValue("address", bindAddress)
          .log(
              "plain TCP beyond loopback: whoever is on the network can read and change the"
                  + " entropy, and labels are not verified (netrng.server.allow-plaintext)");
    } else {
      throw new StartupException(
          "netrng.server.bind-address = %s would serve entropy in plain TCP beyond this machine."
              .formatted(bindAddress),
          "Set netrng.server.tls.bundle (make certs writes one),"
              + " netrng.server.allow-plaintext=true if the network is trusted, or listen on"
              + " 127.0.0.1.");
    }
  }

  /** Puts TLS in front of a server, if there is to be any. */
  public TcpServer guard(TcpServer server) {
    Supplier<SslContext> contexts = tls;
    if (contexts == null) {
      return server;
    }
    // The mapping by the name that the client asked for is the one place that is looked at anew for
    // each connection, which is what a change of certificates takes.
    SslProvider each =
        provider(contexts)
            .setSniAsyncMappings((name, promise) -> promise.setSuccess(provider(contexts).build()))
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

  private SslProvider.Builder provider(Supplier<SslContext> contexts) {
    return SslProvider.builder()
        .sslContext(contexts.get())
        .handshakeTimeout(limits.handshakeTimeout())
        // Netty would gather small writes in buffers of its own, which nobody zeroes.
        .handlerConfigurator(handler -> handler.setWrapDataSize(0));
  }

  /** Connections with which there was no TLS for this reason. */
  public long handshakesFailed(TlsFailure.Kind kind) {
    return failures.getOrDefault(kind, 0L);
  }

  /**
   * Says who a client is.
   *
   * @param channel its connection, after the handshake
   * @param label what it calls itself
   */
  public Decision identify(Channel channel, String label) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    Optional<Identity> identity =
        handler == null || !properties.tls().demandsCertificates()
            ? Optional.of(Identity.ofLabel(label))
            : certificate(handler).flatMap(Identity::of);
    return identity
        .<Decision>map(known ->
            denials
                .reason(known)
                .<Decision>map(Decision.Refused::new)
                .orElseGet(() -> new Decision.Known(known)))
        .orElseGet(() ->
            new Decision.Refused(
                "the certificate names nobody: its first DNS name, or else its common name,"
                    + " is to be of A-Z a-z 0-9 . _ -"));
  }

  /** Others are denied from now on. */
  public void deny(List<String> entries) {
    denials = new Denials(entries);
  }

  /** Why a client is denied now; empty if it is not. */
  public Optional<String> denial(Identity identity) {
    return denials.reason(identity);
  }

  private static Optional<X509Certificate> certificate(SslHandler handler) {
    try {
      Certificate[] chain = handler.engine().getSession().getPeerCertificates();
      return chain[0] instanceof X509Certificate own ? Optional.of(own) : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }
}
