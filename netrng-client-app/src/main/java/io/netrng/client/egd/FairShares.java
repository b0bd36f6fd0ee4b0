// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.egd;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Selects who receives a sample: of those that want it, the one that has received the fewest bytes.
 * While two consumers want samples, they receive equally many bytes, except for two samples of the
 * largest size. This is start-time fair queueing with equal weights (P. Goyal, H. M. Vin, H. Cheng,
 * SIGCOMM 1996).
 *
 * <p>A consumer that wants nothing does not save up its share: with each sample for another
 * consumer, it is counted to have received at least as much.
 *
 * @param <C> the type of the consumers
 */
final class FairShares<C> {

  private final List<Share<C>> shares = new ArrayList<>();

  /** What the last receiver had received before its sample. No share is below it. */
  private long served;

  private static final class Share<C> {
    private final C consumer;
    private long received;

    private Share(C consumer, long received) {
      this.consumer = consumer;
      this.received = received;
    }
  }

  /** Adds a consumer. Of consumers that have received equally much, the oldest is first. */
  void add(C consumer) {
    shares.add(new Share<>(consumer, served));
  }

  void remove(C consumer) {
    shares.removeIf(share -> share.consumer.equals(consumer));
  }

  /** Advances a consumer to the next sample, at the cost of at most one sample for each other. */
  void advance(C consumer) {
    shares.stream()
        .filter(share -> share.consumer.equals(consumer))
        .forEach(share -> share.received = served);
  }

  /**
   * Selects the consumer of a sample.
   *
   * @param size of the sample, in bytes
   * @param wants whether a consumer wants it
   * @return empty if none wants it
   */
  Optional<C> select(int size, Predicate<C> wants) {
    Share<C> least = null;
    List<Share<C>> idle = new ArrayList<>();
    for (Share<C> share : shares) {
      if (!wants.test(share.consumer)) {
        idle.add(share);
      } else if (least == null || share.received < least.received) {
        least = share;
      }
    }
    if (least == null) {
      return Optional.empty();
    }
    served = least.received;
    idle.forEach(share -> share.received = Math.max(share.received, served));
    least.received += size;
    return Optional.of(least.consumer);
  }
}
