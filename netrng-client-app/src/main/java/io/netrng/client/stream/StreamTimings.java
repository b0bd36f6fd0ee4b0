// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import java.time.Duration;

/**
 * The timeouts of the stream.
 *
 * @param lookup for the resolution of a server's name; resolvers try a second name server after 5 s
 * @param connect for the TCP connection
 * @param welcome for the server's answer to HELLO, from the connection on
 * @param proof how long a session must deliver, from its first sample to its last, to clear earlier
 *     failures. Also how long a preferred server must keep a session before the client requests a
 *     sample from it
 * @param starvedGuaranteed how long samples may be due with a guarantee; longer at low rates
 * @param starvedBestEffort the same without a guarantee
 * @param failback how long the stream stays at a less preferred server before the client tries a
 *     preferred one beside it. Up to twice as long at random, and longer after three failed trials
 * @param bye for sending BYE
 */
public record StreamTimings(
    Duration lookup,
    Duration connect,
    Duration welcome,
    Duration proof,
    Duration starvedGuaranteed,
    Duration starvedBestEffort,
    Duration failback,
    Duration bye) {

  /** The timeouts of the application. */
  public static final StreamTimings DEFAULT =
      new StreamTimings(
          Duration.ofSeconds(12),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(10),
          Duration.ofMinutes(1),
          Duration.ofSeconds(1));
}
