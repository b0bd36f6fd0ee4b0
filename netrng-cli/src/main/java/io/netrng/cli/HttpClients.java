// SPDX-License-Identifier: Apache-2.0
package io.netrng.cli;

import java.net.http.HttpClient;
import java.time.Duration;

/** Makes the clients for the HTTP of both apps. */
final class HttpClients {

  private HttpClients() {}

  /** Makes a client that waits this long for a connection. */
  static HttpClient create(Duration connectTimeout) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(connectTimeout)
        .build();
  }
}
