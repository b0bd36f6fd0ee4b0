// SPDX-License-Identifier: Apache-2.0
package io.netrng.tls;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The parameters that both sides of a TLS connection have negotiated.
 *
 * @param version such as TLSv1.3
 * @param cipherSuite such as TLS_AES_256_GCM_SHA384
 * @param group the group of the key exchange, such as X25519MLKEM768; {@link #UNKNOWN} with the
 *     JDK's engine
 */
public record Negotiated(String version, String cipherSuite, String group) {

  /** The group if the engine does not provide it. */
  public static final String UNKNOWN = "unknown";

  private static final String OTHER = "other";

  /**
   * The parameters as labels of metrics, which have few values.
   *
   * @param cipher of the cipher suite
   */
  public record Labels(String version, String group, String cipher) {

    private static final List<String> GROUPS = List.of(KeyExchange.HYBRID_GROUP, "X25519", OTHER);
    private static final List<String> CIPHERS =
        List.of("AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305", OTHER);

    /** Returns all combinations. */
    public static List<Labels> all() {
      return TlsContexts.VERSIONS.stream()
          .flatMap(version ->
              GROUPS.stream()
                  .flatMap(
                      group -> CIPHERS.stream().map(cipher -> new Labels(version, group, cipher))))
          .toList();
    }
  }

  /**
   * Reads the parameters of a connection. Called on its event loop, after the handshake.
   *
   * @return empty without TLS
   */
  public static Optional<Negotiated> of(Channel channel) {
    return Optional.ofNullable(channel.pipeline().get(SslHandler.class))
        .map(handler -> of(handler.engine()));
  }

  private static Negotiated of(SSLEngine engine) {
    SSLSession session = engine.getSession();
    return new Negotiated(session.getProtocol(), session.getCipherSuite(), group(engine));
  }

  private static String group(SSLEngine engine) {
    // The pointer is 0 once the engine is closed.
    if (!(engine instanceof ReferenceCountedOpenSslEngine openSsl) || openSsl.sslPointer() == 0) {
      return UNKNOWN;
    }
    try {
      return Objects.requireNonNullElse(SSL.getGroupName(openSsl.sslPointer()), UNKNOWN);
    } catch (Exception e) {
      return UNKNOWN;
    }
  }

  /** Returns the parameters as labels of metrics. */
  public Labels labels() {
    return new Labels(
        version,
        Labels.GROUPS.contains(group) ? group : OTHER,
        Labels.CIPHERS.stream().filter(cipherSuite::contains).findFirst().orElse(OTHER));
  }

  /** Adds the parameters to a log line; nothing without TLS. */
  public static LoggingEventBuilder addTo(LoggingEventBuilder line, Optional<Negotiated> tls) {
    return tls.map(parameters ->
            line.addKeyValue("tls-version", parameters.version())
                .addKeyValue("cipher-suite", parameters.cipherSuite())
                .addKeyValue("group", parameters.group()))
        .orElse(line);
  }
}
