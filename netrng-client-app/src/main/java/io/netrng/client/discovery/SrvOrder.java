// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Orders SRV records by priority, and within a priority at random by weight (RFC 2782). Each target
 * draws one exponential variable while the answers contain it, and the weight is its rate. The
 * order of these variables has the distribution of RFC 2782's algorithm. A change of the answer
 * moves only the clients that the new weights require.
 */
final class SrvOrder {

  /** RFC 2782 gives targets of weight 0 a very small chance beside others. */
  private static final double RATE_OF_WEIGHT_0 = 1.0 / (1 << 16);

  private final RandomGenerator random;
  private final Map<ServerAddress, Double> exponentials = new HashMap<>();

  SrvOrder(RandomGenerator random) {
    this.random = random;
  }

  /** Returns the targets in the order in which this client prefers them. */
  List<ServerAddress> order(List<SrvRecord> records) {
    Set<ServerAddress> targets = new HashSet<>(records.stream().map(SrvRecord::target).toList());
    exponentials.keySet().retainAll(targets);
    targets.forEach(target -> exponentials.computeIfAbsent(target, _ -> nextExponential()));
    return records.stream()
        .sorted(Comparator.comparingInt(SrvRecord::priority).thenComparingDouble(this::position))
        .map(SrvRecord::target)
        .distinct()
        .toList();
  }

  private double position(SrvRecord it) {
    double rate = it.weight() == 0 ? RATE_OF_WEIGHT_0 : it.weight();
    return exponentials.getOrDefault(it.target(), 0.0) / rate;
  }

  private double nextExponential() {
    return -Math.log(1 - random.nextDouble());
  }
}
