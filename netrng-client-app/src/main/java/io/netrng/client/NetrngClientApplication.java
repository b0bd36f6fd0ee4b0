// SPDX-License-Identifier: Apache-2.0
package io.netrng.client;

import io.netrng.client.stream.SystemResolver;
import io.netrng.service.ServiceConfiguration;
import io.netrng.startup.NetrngApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;

/** Requests entropy from a server and feeds it to this machine's kernel. */
@SpringBootApplication
@Import(ServiceConfiguration.class)
public class NetrngClientApplication {

  /** Runs until the process receives a signal to end. */
  public static void main(String[] args) {
    SystemResolver.configureJvm();
    NetrngApplication.start(NetrngClientApplication.class, args);
  }
}
