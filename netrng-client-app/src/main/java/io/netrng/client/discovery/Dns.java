// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** The DNS as this machine is configured to use it. */
public interface Dns {

  /**
   * Starts a lookup of SRV records.
   *
   * @param name of the service, without a final dot; no search domain is appended
   * @param callback receives the answer once, on the event loop
   */
  void lookUp(String name, Consumer<SrvAnswer> callback);

  /** Reads the search domains of this machine, in their order. */
  List<String> searchDomains() throws IOException;
}
