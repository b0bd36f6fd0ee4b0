package io.netrng.client.stream;

import java.time.Duration;

/**
 * The timeouts of the stream.
 *
 * @param lookup until a server's name is resolved; resolvers try a second name server after 5 s
 * @param connect until the TCP connection is established
 * @param welcome from then on until the server has answered HELLO
 * @param proof how long a session must have delivered, from its first sample to its last, for
 *     earlier failures not to count any more; and how long a preferred server must keep a session
 *     before it is asked for a sample
 * @param starvedGuaranteed how long samples may be due with a guarantee; longer at low rates
 * @param starvedBestEffort the same without a guarantee
 * @param failback how long the stream stays at a lesser server before a preferred one is tried
 *     beside it; up to twice as long by chance, and longer after three trials that failed
 * @param bye how long sending BYE may take
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
