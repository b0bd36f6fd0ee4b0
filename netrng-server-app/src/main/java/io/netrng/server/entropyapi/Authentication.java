// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.logging.LogRateLimiter;
import io.netrng.net.Address;
import io.netrng.server.security.ClientAuthenticator;
import io.netrng.server.security.Identity;
import io.netrng.tls.PeerCertificate;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslHandler;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Determines the client of a request: by its token, else by its certificate. If the server requires
 * neither, all clients are {@link #ANYONE}. Any thread may call the methods.
 */
final class Authentication {

  private static final Logger log = LoggerFactory.getLogger(Authentication.class);

  /** The identity of all clients, if no proof of identity is required. */
  static final String ANYONE = "entropy-api";

  private static final String API_KEY = "X-API-KEY";
  private static final String BEARER = "Bearer ";

  private final ClientAuthenticator authenticator;
  private final boolean demandsCertificates;
  private final @Nullable Tokens tokens;
  private final LogRateLimiter wrongTokens = new LogRateLimiter(System::nanoTime);

  /**
   * Creates an authentication.
   *
   * @param demandsCertificates whether clients with TLS need a certificate or a token
   * @param tokens null without tokens
   */
  Authentication(
      ClientAuthenticator authenticator, boolean demandsCertificates, @Nullable Tokens tokens) {
    this.authenticator = authenticator;
    this.demandsCertificates = demandsCertificates;
    this.tokens = tokens;
  }

  /** The tokens; null without. */
  @Nullable Tokens tokens() {
    return tokens;
  }

  /**
   * Returns the client of a request.
   *
   * @throws Rejection if it is not known, or denied
   */
  Identity identify(Channel channel, HttpHeaders headers) throws Rejection {
    Optional<String> token = token(headers);
    if (token.isPresent()) {
      return admitted(ofToken(token.get(), channel));
    }
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    boolean proven = tls != null && demandsCertificates && PeerCertificate.of(tls).isPresent();
    if (!proven && (tokens != null || (tls != null && demandsCertificates))) {
      throw unauthorised("the request has neither a token nor a certificate");
    }
    return switch (authenticator.identify(channel, ANYONE)) {
      case ClientAuthenticator.Decision.Authenticated(Identity identity) -> identity;
      case ClientAuthenticator.Decision.Refused(String reason, var _) -> throw forbidden(reason);
    };
  }

  private Identity ofToken(String token, Channel channel) throws Rejection {
    Optional<Identity> identity = tokens == null ? Optional.empty() : tokens.identify(token);
    if (identity.isEmpty()) {
      wrongTokens.log(
          log.atWarn().addKeyValue("address", Address.text(channel.remoteAddress())),
          "wrong token of a client");
      throw unauthorised("the token is wrong");
    }
    return identity.get();
  }

  private Identity admitted(Identity identity) throws Rejection {
    Optional<String> denial = authenticator.denial(identity);
    if (denial.isPresent()) {
      throw forbidden(denial.get());
    }
    return identity;
  }

  private static Optional<String> token(HttpHeaders headers) {
    String key = headers.get(API_KEY);
    String authorization = headers.get(HttpHeaderNames.AUTHORIZATION);
    return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? Optional.of(authorization.substring(BEARER.length()).strip())
        : Optional.ofNullable(key).map(String::strip);
  }

  private static Rejection unauthorised(String fault) {
    return new Rejection(
            HttpResponseStatus.UNAUTHORIZED,
            fault
                + ": send a token of netrng.server.entropy-api.token-directory as Authorization:"
                + " Bearer ..., or connect with a client certificate.")
        .with(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"NetRNG\"");
  }

  private static Rejection forbidden(String reason) {
    return new Rejection(HttpResponseStatus.FORBIDDEN, reason + ".");
  }
}
