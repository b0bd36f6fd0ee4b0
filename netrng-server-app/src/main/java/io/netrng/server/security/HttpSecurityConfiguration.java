// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.security;

import io.netrng.http.HostFilter;
import io.netrng.http.HttpConnections;
import io.netrng.http.HttpPort;
import io.netrng.http.ProblemWriter;
import io.netrng.logging.LogRateLimiter;
import io.netrng.net.Address;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.authentication.AuthenticationWebFilter;
import org.springframework.security.web.server.authentication.RedirectServerAuthenticationFailureHandler;
import org.springframework.security.web.server.authentication.RedirectServerAuthenticationSuccessHandler;
import org.springframework.security.web.server.authentication.ServerAuthenticationFailureHandler;
import org.springframework.security.web.server.authentication.ServerAuthenticationSuccessHandler;
import org.springframework.security.web.server.csrf.CookieServerCsrfTokenRepository;
import org.springframework.security.web.server.csrf.CsrfToken;
import org.springframework.security.web.server.csrf.CsrfWebFilter;
import org.springframework.security.web.server.csrf.ServerCsrfTokenRequestAttributeHandler;
import org.springframework.security.web.server.savedrequest.NoOpServerRequestCache;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher.MatchResult;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.server.WebFilter;
import org.springframework.web.util.HtmlUtils;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Health and Prometheus are open wherever HTTP is bound; all other paths require the token.
 * Programs send it with each request. People enter it once in the login form and then have a
 * session.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
@EnableConfigurationProperties({AdminProperties.class, HttpProperties.class})
class HttpSecurityConfiguration {

  private static final Logger log = LoggerFactory.getLogger(HttpSecurityConfiguration.class);

  private static final String PAGE = "/";
  private static final String LOGIN = "/login";
  private static final String TOKEN_FILE = "{{token-file}}";

  private static final String[] OPEN = {
    "/actuator/health",
    "/actuator/health/**",
    "/actuator/prometheus",
    LOGIN,
    "/login.js",
    "/page.css",
    "/favicon.svg"
  };

  /** Allows no content from other origins, and no other page may embed this one. */
  private static final String CONTENT_POLICY =
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
          + " frame-ancestors 'none'; form-action 'self'; base-uri 'none'";

  private static final String TOKEN_NEEDED =
      "Bring the token of netrng.server.admin.token-file: Authorization: Bearer ...";

  /** Spring's name of the session cookie. */
  private static final String SESSION = "SESSION";

  private static final String ADMIN = "admin";
  private static final String BEARER = "Bearer ";

  private final LogRateLimiter wrongTokens = new LogRateLimiter(System::nanoTime);
  private final ProblemWriter problems;

  HttpSecurityConfiguration(JsonMapper json) {
    problems = new ProblemWriter(json);
  }

  @Bean
  SecurityWebFilterChain securityWebFilterChain(
      ServerHttpSecurity http, AdminProperties properties) {
    AdminToken token = AdminToken.of(properties.tokenFile());
    ReactiveAuthenticationManager manager =
        candidate ->
            token.matches(String.valueOf(candidate.getCredentials()))
                ? Mono.just(administrator())
                : Mono.error(new BadCredentialsException("the token is wrong"));
    return http.authorizeExchange(
            exchanges -> exchanges.pathMatchers(OPEN).permitAll().anyExchange().authenticated())
        .addFilterAt(bearer(manager), SecurityWebFiltersOrder.AUTHENTICATION)
        .exceptionHandling(errors -> errors.authenticationEntryPoint(this::refuse))
        .httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
        .formLogin(form ->
            form.loginPage(LOGIN)
                .authenticationManager(manager)
                .authenticationEntryPoint(this::refuse)
                .authenticationSuccessHandler(loggedIn())
                .authenticationFailureHandler(wrongToken()))
        .logout(logout -> logout.logoutUrl("/logout"))
        .requestCache(cache -> cache.requestCache(NoOpServerRequestCache.getInstance()))
        .headers(
            headers -> headers.contentSecurityPolicy(csp -> csp.policyDirectives(CONTENT_POLICY)))
        .csrf(csrf ->
            csrf.csrfTokenRepository(CookieServerCsrfTokenRepository.withHttpOnlyFalse())
                .csrfTokenRequestHandler(new ServerCsrfTokenRequestAttributeHandler())
                .requireCsrfProtectionMatcher(HttpSecurityConfiguration::ridesOnSession))
        .build();
  }

  /** Rejects requests of foreign web pages whose DNS names resolve to this server. */
  @Bean
  HostFilter hostFilter(HttpProperties properties) {
    return new HostFilter(properties.hosts(), problems);
  }

  @Bean
  HttpPort httpPort(ServerProperties properties) {
    return new HttpPort(properties);
  }

  @Bean
  HttpConnections httpConnections(HttpProperties properties) {
    return new HttpConnections(properties.maxConnections());
  }

  /** Spring would log a stack trace for each peer that disconnects during its request. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  WebExceptionHandler abortedRequests() {
    return (_, e) -> e instanceof AbortedException ? Mono.empty() : Mono.error(e);
  }

  /** The login form, which names the file of the token. */
  @Bean
  RouterFunction<ServerResponse> loginPage(AdminProperties properties) throws IOException {
    String file = HtmlUtils.htmlEscape(properties.tokenFile().toAbsolutePath().toString());
    String page =
        new ClassPathResource("login.html")
            .getContentAsString(StandardCharsets.UTF_8)
            .replace(TOKEN_FILE, file);
    return RouterFunctions.route()
        .GET(LOGIN, _ -> ServerResponse.ok().contentType(MediaType.TEXT_HTML).bodyValue(page))
        .build();
  }

  /** Sends the page the CSRF token that its requests must return. */
  @Bean
  WebFilter csrfCookie() {
    return (exchange, chain) -> {
      Mono<CsrfToken> token = exchange.getAttribute(CsrfToken.class.getName());
      boolean isPage = exchange.getRequest().getPath().value().equals(PAGE);
      return token != null && isPage ? token.then(chain.filter(exchange)) : chain.filter(exchange);
    };
  }

  /**
   * Matches requests that a foreign page could make a browser send. A login sends the
   * administrator's token, as programs do, and is not matched.
   */
  private static Mono<MatchResult> ridesOnSession(ServerWebExchange exchange) {
    ServerHttpRequest request = exchange.getRequest();
    boolean hasSession = request.getCookies().containsKey(SESSION);
    return !hasSession
            || bearerToken(exchange).isPresent()
            || request.getPath().value().equals(LOGIN)
        ? MatchResult.notMatch()
        : CsrfWebFilter.DEFAULT_CSRF_MATCHER.matches(exchange);
  }

  private static ServerAuthenticationSuccessHandler loggedIn() {
    ServerAuthenticationSuccessHandler toPage =
        new RedirectServerAuthenticationSuccessHandler(PAGE);
    return (filter, authentication) -> {
      log.atInfo()
          .addKeyValue(
              "address", Address.text(filter.getExchange().getRequest().getRemoteAddress()))
          .log("administrator logged in");
      return toPage.onAuthenticationSuccess(filter, authentication);
    };
  }

  private ServerAuthenticationFailureHandler wrongToken() {
    ServerAuthenticationFailureHandler toForm =
        new RedirectServerAuthenticationFailureHandler(LOGIN + "?wrong");
    return (filter, e) -> {
      logWrongToken(filter.getExchange());
      return toForm.onAuthenticationFailure(filter, e);
    };
  }

  private void logWrongToken(ServerWebExchange exchange) {
    wrongTokens.log(
        log.atWarn().addKeyValue("address", Address.text(exchange.getRequest().getRemoteAddress())),
        "wrong admin token");
  }

  private AuthenticationWebFilter bearer(ReactiveAuthenticationManager manager) {
    AuthenticationWebFilter filter = new AuthenticationWebFilter(manager);
    filter.setServerAuthenticationConverter(exchange ->
        Mono.justOrEmpty(bearerToken(exchange))
            .map(token -> UsernamePasswordAuthenticationToken.unauthenticated(ADMIN, token)));
    filter.setAuthenticationFailureHandler((exchange, e) -> {
      logWrongToken(exchange.getExchange());
      return refuse(exchange.getExchange(), e);
    });
    return filter;
  }

  private static Authentication administrator() {
    return UsernamePasswordAuthenticationToken.authenticated(
        ADMIN, null, AuthorityUtils.createAuthorityList("ROLE_ADMIN"));
  }

  private static Optional<String> bearerToken(ServerWebExchange exchange) {
    return Optional.ofNullable(
            exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION))
        .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(header -> header.substring(BEARER.length()).strip());
  }

  /** Redirects a browser's page request to the login form; other requests receive an error. */
  private Mono<Void> refuse(ServerWebExchange exchange, AuthenticationException e) {
    ServerHttpRequest request = exchange.getRequest();
    ServerHttpResponse response = exchange.getResponse();
    if (request.getMethod().equals(HttpMethod.GET) && request.getPath().value().equals(PAGE)) {
      response.setStatusCode(HttpStatus.SEE_OTHER);
      response.getHeaders().setLocation(URI.create(LOGIN));
      return response.setComplete();
    }
    response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"NetRNG\"");
    return problems.write(exchange, HttpStatus.UNAUTHORIZED, TOKEN_NEEDED);
  }
}
