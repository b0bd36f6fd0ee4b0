// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import io.netrng.egd.EgdListen;
import io.netrng.net.Loopback;
import io.netrng.startup.PropertyChecks;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The guests of this machine that draw entropy over EGD.
 *
 * @param listen the addresses to listen on: absolute paths of unix sockets, or host:port of a
 *     loopback address
 */
@ConfigurationProperties("netrng.client.egd")
record EgdProperties(@DefaultValue List<EgdListen> listen) {

  static final String LISTEN = "netrng.client.egd.listen";

  EgdProperties {
    listen = List.copyOf(listen);
    EgdListen.check(LISTEN, listen);
    for (int i = 0; i < listen.size(); i++) {
      EgdListen entry = listen.get(i);
      PropertyChecks checks = new PropertyChecks(property(i) + ".");
      checks.require(
          entry.isUnix() || Loopback.is(entry.host()),
          "address",
          entry.address(),
          "only guests of this machine may draw from the client; give the path of a unix socket or"
              + " a loopback address, or let other machines draw from the server.");
      checks.require(
          !Boolean.TRUE.equals(entry.tls()),
          "tls",
          "true",
          "the client listens only on this machine, where it uses no TLS; leave it out.");
    }
  }

  /** Returns the name of an entry. */
  static String property(int entry) {
    return "%s[%d]".formatted(LISTEN, entry);
  }
}
