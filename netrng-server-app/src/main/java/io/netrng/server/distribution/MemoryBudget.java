package io.netrng.server.distribution;

/**
 * The memory that clients may hold with what was offered to them and is not written yet, in bytes.
 * Five eighths of it are shared out equally among the clients that are connected. An eighth is
 * slack: while it lasts, each client may hold an eighth of what is left of it, so that a client
 * that writes at once is given long batches beside any number of others. The last quarter is the
 * reserve, of which each client has an equal part that clients that do not read cannot take from
 * it. Used under the distributor's lock.
 */
final class MemoryBudget {

  private static final double SHARED_PART = 0.625;
  private static final double RESERVED_PART = 0.25;
  private static final double SLACK_PART_OF_ONE = 1.0 / 8;

  /** Batches of less than this part of what a client may hold cost more than they bring. */
  private static final int LEAST_PART = 4;

  private final long mostOfOne;
  private final long memory;
  private final long reserveOfOne;
  private int clients;
  private long held;

  /** What stalled clients hold of their equal parts, which leaves the slack to the others. */
  private double stalled;

  /**
   * Makes a budget of which nothing is held.
   *
   * @param mostOfOne the most that one client holds
   * @param memory the most that all clients together hold
   * @param maxClients the most that are connected at a time
   */
  MemoryBudget(long mostOfOne, long memory, int maxClients) {
    this.mostOfOne = mostOfOne;
    this.memory = memory;
    reserveOfOne = (long) (memory * RESERVED_PART / maxClients);
  }

  /** Shares out among so many clients. */
  void setClients(int count) {
    clients = count;
  }

  /** A client holds so much more, or less. */
  void add(long change) {
    held += change;
  }

  /** What all clients hold. */
  long held() {
    return held;
  }

  /**
   * Sets what stalled clients hold of their equal parts. It does not count as taken from the slack:
   * otherwise the others would be given short batches for as long as these stall.
   *
   * @param ofEqualParts the sum over them of the lesser of what each holds and {@link #equalPart}
   */
  void setStalled(double ofEqualParts) {
    stalled = ofEqualParts;
  }

  /** What each client may hold at least, while no client stalls. */
  double equalPart() {
    return memory * SHARED_PART / Math.max(1, clients);
  }

  /** What a client that holds so much may be given now; negative if it holds too much. */
  long free(long heldByIt) {
    double slack = memory * (1 - SHARED_PART - RESERVED_PART) - ((double) held - stalled);
    double most = Math.min((double) mostOfOne, Math.max(equalPart(), slack * SLACK_PART_OF_ONE));
    long unreserved = (long) (memory * (1 - RESERVED_PART)) - held;
    return Math.min((long) most - heldByIt, Math.max(unreserved, reserveOfOne - heldByIt));
  }

  /** Whether so much free memory is worth a batch for a client that holds so much. */
  static boolean isWorthABatch(long free, long heldByIt) {
    return free >= (free + heldByIt) / LEAST_PART;
  }
}
