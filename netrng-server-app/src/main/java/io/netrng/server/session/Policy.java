// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.server.distribution.Distributor;
import io.netrng.server.session.SessionProperties.ClientPolicy;
import io.netrng.unit.DataRate;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rates and the limit of one client.
 *
 * @param guarantee bytes per second; 0 is best effort
 * @param ceiling bytes per second, or {@link Distributor#NO_CEILING}
 * @param maxConnections the maximum number of connections of its identity
 */
record Policy(long guarantee, long ceiling, int maxConnections) {

  private static final String ANY = "*";

  /**
   * Returns the policy of an identity. An exact name takes precedence over a pattern, and a longer
   * pattern over a shorter one.
   */
  static Policy of(String identity, SessionProperties properties) {
    Optional<ClientPolicy> entry =
        properties.clients().stream()
            .filter(client -> matches(client.name(), identity))
            .max(Comparator.comparingInt(client -> rank(client.name())));
    return new Policy(
        entry.map(ClientPolicy::guarantee).orElse(properties.defaultGuarantee()).bytesPerSecond(),
        ceiling(entry.map(ClientPolicy::ceiling).orElse(properties.defaultCeiling())),
        entry.map(ClientPolicy::maxConnections).orElse(Integer.MAX_VALUE));
  }

  /**
   * Returns the guarantee for a request.
   *
   * @param requested bytes per second; 0 requests what the policy gives, {@link
   *     Admission#BEST_EFFORT} nothing
   */
  long grant(long requested) {
    return requested == 0 ? guarantee : Math.clamp(requested, 0, guarantee);
  }

  boolean hasRatesOf(Policy other) {
    return guarantee == other.guarantee && ceiling == other.ceiling;
  }

  private static int rank(String name) {
    return name.endsWith(ANY) ? name.length() : Integer.MAX_VALUE;
  }

  private static boolean matches(String name, String identity) {
    return name.endsWith(ANY)
        ? identity.startsWith(name.substring(0, name.length() - ANY.length()))
        : identity.equals(name);
  }

  private static long ceiling(@Nullable DataRate ceiling) {
    return ceiling == null ? Distributor.NO_CEILING : ceiling.bytesPerSecond();
  }
}
