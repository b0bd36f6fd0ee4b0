// SPDX-License-Identifier: Apache-2.0
package io.netrng.server;

import io.netrng.service.ServiceConfiguration;
import io.netrng.startup.NetrngApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration;
import org.springframework.context.annotation.Import;

/** Reads entropy devices and streams samples to clients at guaranteed rates. */
// There are no users: the only secret is the administrator's token.
@SpringBootApplication(exclude = ReactiveUserDetailsServiceAutoConfiguration.class)
@Import(ServiceConfiguration.class)
public class NetrngServerApplication {

  /** Starts the server; the arguments are properties, such as {@code --netrng.server.port=0}. */
  public static void main(String[] args) {
    NetrngApplication.start(NetrngServerApplication.class, args);
    // The start leaves about 100 MB of garbage. The running server creates so little garbage that
    // it would stay in memory for hours.
    System.gc();
  }
}
