// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.List;

/** Follows the servers of one entry of the list. All methods run on the event loop. */
interface Watch {

  /**
   * Starts to look for servers.
   *
   * @param listener is called after each result
   */
  void start(Runnable listener);

  /** Looks again at once. */
  void refresh();

  void stop();

  /** Returns whether there was a first result, which may be a failure. */
  boolean hasResult();

  /** The servers of the last answer, in the order of preference. */
  List<Server> servers();

  /** Describes why there are no servers. */
  String reason();

  /** The servers of an address, which do not change. */
  record Fixed(Server server) implements Watch {

    @Override
    public void start(Runnable listener) {}

    @Override
    public void refresh() {}

    @Override
    public void stop() {}

    @Override
    public boolean hasResult() {
      return true;
    }

    @Override
    public List<Server> servers() {
      return List.of(server);
    }

    @Override
    public String reason() {
      return "";
    }
  }
}
