// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.net.Address;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;

/**
 * Logs one line for each action of an administrator: the action, the remote address and the target.
 */
@Component
final class ActionLog {

  private static final Logger log = LoggerFactory.getLogger(ActionLog.class);

  /**
   * Writes the line.
   *
   * @param onWhom adds the target and the parameters
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
