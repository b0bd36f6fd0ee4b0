package io.netrng.server.admin;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;

/** One line for every act of an administrator: what, from where, on whom. */
@Component
final class AuditLog {

  /** What every line says. */
  static final String ACT = "administrator acted";

  private static final Logger log = LoggerFactory.getLogger(AuditLog.class);

  /** A line that is to be filled and written. */
  LoggingEventBuilder act(String act, ServerWebExchange exchange) {
    return log.atInfo()
        .addKeyValue("act", act)
        .addKeyValue("address", exchange.getRequest().getRemoteAddress());
  }
}
