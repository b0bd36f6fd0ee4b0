// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

/** Creates the sink of one kind. */
public interface SinkFactory {

  /** Returns the kind. */
  SinkKind kind();

  /**
   * Checks what the sink requires of this machine, and creates it.
   *
   * @throws io.netrng.startup.StartupException if a requirement is not met
   */
  Sink create(FeedBuffer feed);
}
