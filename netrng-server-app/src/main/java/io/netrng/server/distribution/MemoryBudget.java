// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.distribution;

/**
 * Divides the memory of samples that are offered to clients and not yet written, in bytes. Five
 * eighths are divided equally among the connected clients. One eighth is slack: each client may use
 * an eighth of the remaining slack. A client that reads thus receives long batches beside any
 * number of others. The last quarter is the reserve. Each client has an equal part of it, which
 * clients that do not read cannot occupy. If clients use as much as their reserve, a further
 * sixteenth is slack for clients with proven reads. Clients that never read can occupy the rest.
 * Used under the distributor's lock.
 */
final class MemoryBudget {

  private static final double SHARED_PART = 10.0 / 16;
  private static final double SLACK_PART = 2.0 / 16;
  private static final double RESERVED_PART = 4.0 / 16;
  private static final double READERS_SLACK_PART = 1.0 / 16;
  private static final double SLACK_PART_OF_ONE = 1.0 / 8;

  /**
   * More bytes than the kernels of both ends buffer for a connection without reads: 6 MB by the
   * default of tcp_rmem, and the send buffer.
   */
  private static final long PROOF_OF_READING = 8 * 1024 * 1024;

  /** Batches of less than 1/4 of a client's maximum cost more than they gain. */
  private static final int LEAST_PART = 4;

  private final long mostOfOne;
  private final long memory;
  private final long reserveOfOne;
  private int clients;
  private long held;

  /** The missing bytes of all reserves together. */
  private long unfilled;

  /** The use of stalled clients within their equal parts, which leaves the slack to the others. */
  private double stalled;

  /**
   * Creates a budget without use.
   *
   * @param mostOfOne the maximum use of one client
   * @param memory the maximum use of all clients together
   * @param maxClients the maximum number of connected clients
   */
  MemoryBudget(long mostOfOne, long memory, int maxClients) {
    this.mostOfOne = mostOfOne;
    this.memory = memory;
    reserveOfOne = (long) (memory * RESERVED_PART / maxClients);
    unfilled = (long) (memory * RESERVED_PART);
  }

  /** Adds a connected client without use. */
  void join() {
    clients++;
  }

  /** Removes a client, and frees its part and its reserve. */
  void leave(long heldByIt) {
    clients--;
    unfilled += Math.min(heldByIt, reserveOfOne);
  }

  /** Records a change of a connected client's use. */
  void change(long before, long after) {
    held += after - before;
    unfilled += Math.min(before, reserveOfOne) - Math.min(after, reserveOfOne);
  }

  /** Records memory that a disconnected client freed. */
  void giveBack(long size) {
    held -= size;
  }

  /** The use of all clients. */
  long held() {
    return held;
  }

  /**
   * Sets the use of stalled clients within their equal parts. It does not count as slack in use.
   * Otherwise the other clients would receive short batches during the stall.
   *
   * @param ofEqualParts the sum over them of the lesser of their use and {@link #equalPart}
   */
  void setStalled(double ofEqualParts) {
    stalled = ofEqualParts;
  }

  /** The minimum memory of each client, while no client stalls. */
  double equalPart() {
    return memory * SHARED_PART / Math.max(1, clients);
  }

  /**
   * The memory that a client may use now; negative if it uses too much.
   *
   * @param heldByIt its present use
   * @param written bytes of entropy that were written to it since it connected
   */
  long free(long heldByIt, long written) {
    double slackPart = SLACK_PART + (written >= PROOF_OF_READING ? READERS_SLACK_PART : 0);
    double slack = memory * slackPart - ((double) held - stalled);
    double most = Math.min((double) mostOfOne, Math.max(equalPart(), slack * SLACK_PART_OF_ONE));
    long unreserved = memory - held - unfilled;
    return Math.min((long) most - heldByIt, Math.max(unreserved, reserveOfOne - heldByIt));
  }

  /** Whether this free memory is worth a batch for a client with this use. */
  static boolean isWorthABatch(long free, long heldByIt) {
    return free >= (free + heldByIt) / LEAST_PART;
  }
}
