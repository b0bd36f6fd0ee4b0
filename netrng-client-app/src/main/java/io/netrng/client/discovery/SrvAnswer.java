// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.time.Duration;
import java.util.List;

/** The result of a lookup of SRV records. */
public sealed interface SrvAnswer {

  /**
   * The service exists.
   *
   * @param records at least one, in any order
   * @param ttl how long the answer is valid
   */
  record Found(List<SrvRecord> records, Duration ttl) implements SrvAnswer {}

  /**
   * The service does not exist: there is no such name, no SRV record, or only the target ".".
   *
   * @param reason a description for people
   * @param ttl how long the answer is valid
   */
  record None(String reason, Duration ttl) implements SrvAnswer {}

  /**
   * No name server has answered the question.
   *
   * @param reason a description for people
   */
  record Failed(String reason) implements SrvAnswer {}
}
