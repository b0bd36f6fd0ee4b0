// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.egd;

import io.netrng.egd.EgdListen;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The listeners of EGD clients.
 *
 * @param listen the addresses for EGD clients, such as QEMU; an entry is the address alone, or its
 *     parts as below
 */
@ConfigurationProperties("netrng.server.egd")
record EgdProperties(@DefaultValue List<EgdListen> listen) {

  static final String LISTEN = "netrng.server.egd.listen";

  /** Checks the entries. */
  EgdProperties {
    listen = List.copyOf(listen);
    EgdListen.check(LISTEN, listen);
  }
}
