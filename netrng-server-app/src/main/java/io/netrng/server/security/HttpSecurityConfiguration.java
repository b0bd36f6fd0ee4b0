package io.netrng.server.security;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.authentication.AuthenticationWebFilter;
import org.springframework.security.web.server.authentication.ServerAuthenticationEntryPointFailureHandler;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.savedrequest.NoOpServerRequestCache;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Health and Prometheus are open wherever HTTP is bound; all else needs the token. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
@EnableConfigurationProperties(AdminProperties.class)
class HttpSecurityConfiguration {

  private static final String[] OPEN = {
    "/actuator/health", "/actuator/health/**", "/actuator/prometheus"
  };

  private static final String ADMIN = "admin";
  private static final String BEARER = "Bearer ";

  @Bean
  SecurityWebFilterChain securityWebFilterChain(
      ServerHttpSecurity http, AdminProperties properties) {
    AdminToken token = AdminToken.of(properties.tokenFile());
    ServerAuthenticationEntryPoint unauthorized = (exchange, _) -> refuse(exchange);
    return http.authorizeExchange(
            exchanges -> exchanges.pathMatchers(OPEN).permitAll().anyExchange().authenticated())
        .addFilterAt(bearer(token, unauthorized), SecurityWebFiltersOrder.AUTHENTICATION)
        .exceptionHandling(errors -> errors.authenticationEntryPoint(unauthorized))
        .httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
        .formLogin(ServerHttpSecurity.FormLoginSpec::disable)
        .logout(ServerHttpSecurity.LogoutSpec::disable)
        .securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
        .requestCache(cache -> cache.requestCache(NoOpServerRequestCache.getInstance()))
        // There is no session that a foreign page could ride on: each request brings the token.
        .csrf(ServerHttpSecurity.CsrfSpec::disable)
        .build();
  }

  private static AuthenticationWebFilter bearer(
      AdminToken token, ServerAuthenticationEntryPoint unauthorized) {
    ReactiveAuthenticationManager manager =
        candidate ->
            token.matches(String.valueOf(candidate.getCredentials()))
                ? Mono.just(administrator())
                : Mono.error(new BadCredentialsException("the token is wrong"));
    AuthenticationWebFilter filter = new AuthenticationWebFilter(manager);
    filter.setServerAuthenticationConverter(HttpSecurityConfiguration::candidate);
    filter.setAuthenticationFailureHandler(
        new ServerAuthenticationEntryPointFailureHandler(unauthorized));
    return filter;
  }

  private static Authentication administrator() {
    return UsernamePasswordAuthenticationToken.authenticated(
        ADMIN, null, AuthorityUtils.createAuthorityList("ROLE_ADMIN"));
  }

  private static Mono<Authentication> candidate(ServerWebExchange exchange) {
    return Mono.justOrEmpty(exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION))
        .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(header ->
            UsernamePasswordAuthenticationToken.unauthenticated(
                ADMIN, header.substring(BEARER.length()).strip()));
  }

  private static Mono<Void> refuse(ServerWebExchange exchange) {
    exchange.getResponse().setStatusCode(HttpStatus.UNAUTHORIZED);
    exchange
        .getResponse()
        .getHeaders()
        .set(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"NetRNG\"");
    return exchange.getResponse().setComplete();
  }
}
