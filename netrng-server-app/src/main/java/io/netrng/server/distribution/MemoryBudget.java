package io.netrng.server.distribution;

/**
 * The memory that clients may hold with what was offered to them and is not written yet, in bytes.
 * Five eighths of it are shared out equally among the clients that are connected. An eighth is
 * slack: while it lasts, each client may hold an eighth of what is left of it, so that a client
 * that reads is given long batches beside any number of others. The last quarter is the reserve, of
 * which each client has an equal part that clients that do not read cannot take from it. Where
 * clients hold as much as their reserve, a sixteenth more is slack for clients that have proved to
 * read, because those that never read can take all the other. Used under the distributor's lock.
 */
final class MemoryBudget {

  private static final double SHARED_PART = 10.0 / 16;
  private static final double SLACK_PART = 2.0 / 16;
  private static final double RESERVED_PART = 4.0 / 16;
  private static final double READERS_SLACK_PART = 1.0 / 16;
  private static final double SLACK_PART_OF_ONE = 1.0 / 8;

  /**
   * More bytes than the kernels of both ends keep of a connection that nobody reads from: 6 MiB by
   * the default of tcp_rmem, and the send buffer.
   */
  private static final long PROOF_OF_READING = 8 * 1024 * 1024;

  /** Batches of less than this part of what a client may hold cost more than they bring. */
  private static final int LEAST_PART = 4;

  private final long mostOfOne;
  private final long memory;
  private final long reserveOfOne;
  private int clients;
  private long held;

  /** What all reserves together still lack. */
  private long unfilled;

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
    unfilled = (long) (memory * RESERVED_PART);
  }

  /** A client is connected, and holds nothing yet. */
  void join() {
    clients++;
  }

  /** A client leaves its part and its reserve to the next one. */
  void leave(long heldByIt) {
    clients--;
    unfilled += Math.min(heldByIt, reserveOfOne);
  }

  /** A client that is connected holds another amount than before. */
  void change(long before, long after) {
    held += after - before;
    unfilled += Math.min(before, reserveOfOne) - Math.min(after, reserveOfOne);
  }

  /** A client that has left gives back what it still held. */
  void giveBack(long size) {
    held -= size;
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

  /**
   * What a client may be given now; negative if it holds too much.
   *
   * @param heldByIt what it holds
   * @param written bytes of entropy that were written to it since it connected
   */
  long free(long heldByIt, long written) {
    double slackPart = SLACK_PART + (written >= PROOF_OF_READING ? READERS_SLACK_PART : 0);
    double slack = memory * slackPart - ((double) held - stalled);
    double most = Math.min((double) mostOfOne, Math.max(equalPart(), slack * SLACK_PART_OF_ONE));
    long unreserved = memory - held - unfilled;
    return Math.min((long) most - heldByIt, Math.max(unreserved, reserveOfOne - heldByIt));
  }

  /** Whether so much free memory is worth a batch for a client that holds so much. */
  static boolean isWorthABatch(long free, long heldByIt) {
    return free >= (free + heldByIt) / LEAST_PART;
  }
}
