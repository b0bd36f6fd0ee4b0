// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.List;

/** Finds services in the local network by multicast DNS. Calls the listener on any thread. */
public interface MdnsBrowser {

  /** Starts to browse, without waiting for it. */
  void start(Listener listener);

  /**
   * Fails and ends if another interface has become the one to use, without waiting for the answer.
   */
  void checkInterface();

  /** Ends it, without waiting for it. */
  void stop();

  /** Receives the services. */
  interface Listener {

    /** A service of our protocol was found, or has changed. */
    void onService(String name, List<SrvRecord> addresses);

    /** A service is no longer available. */
    void onRemoval(String name);

    /** The browser could not start or continue, and has ended. */
    void onFailure(String reason);
  }
}
