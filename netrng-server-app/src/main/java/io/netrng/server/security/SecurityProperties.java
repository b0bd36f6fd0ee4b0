package io.netrng.server.security;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may come in.
 *
 * @param allowPlaintext whether the stream may leave this machine without TLS
 */
@ConfigurationProperties("netrng.server")
public record SecurityProperties(@DefaultValue("false") boolean allowPlaintext) {}
