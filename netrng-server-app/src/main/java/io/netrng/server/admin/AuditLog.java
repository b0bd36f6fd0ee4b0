package io.netrng.server.admin;

import io.netrng.net.Address;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;

/** One line for every act of an administrator: what, from where, on whom. */
@Component
final class AuditLog {

  private static final Logger log = LoggerFactory.getLogger(AuditLog.class);

  /**
   * Writes the line.
   *
   * @param onWhom adds on whom, and how
   */
  void act(String act, ServerWebExchange exchange, UnaryOperator<LoggingEventBuilder> onWhom) {
    onWhom
        .apply(
            log.atInfo()
                .addKeyValue("act", act)
                .addKeyValue("address", Address.text(exchange.getRequest().getRemoteAddress())))
        .log("administrator acted");
  }
}
