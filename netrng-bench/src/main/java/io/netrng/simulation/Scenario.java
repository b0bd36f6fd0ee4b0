package io.netrng.simulation;

/**
 * What a site is made of and what befalls it. Times are whole seconds since the beginning.
 *
 * @param name for the picture and the table
 * @param servers how many there are
 * @param clients how many there are
 * @param capacity what each server gives, in bytes per second
 * @param upWithin all clients come up within this time
 * @param deathAt when a tenth of the servers die
 * @param backAt when these come back
 * @param end when it is over
 * @param seed of all that is random
 */
record Scenario(
    String name,
    int servers,
    int clients,
    long capacity,
    int upWithin,
    int deathAt,
    int backAt,
    int end,
    long seed) {

  /** The server's default, in bytes per second. */
  static final long GUARANTEE = 64;

  /** One sample every 8 s for a client at its guarantee: fine enough to see who gets it. */
  static final int SAMPLE_SIZE = 512;

  /** How many servers each client knows. */
  static final int LIST_LENGTH = 8;

  /** One client in so many is best effort. */
  static final int GUEST_EVERY = 20;

  /** One server in so many dies. */
  static final int DEAD_EVERY = 10;

  /** The server's default. */
  static final double HEADROOM = 0.1;

  /** How many clients have a guarantee. */
  int guaranteed() {
    return clients - guests();
  }

  int guests() {
    return (clients + GUEST_EVERY - 1) / GUEST_EVERY;
  }

  int dead() {
    return servers / DEAD_EVERY;
  }

  /** How many guarantees one server can give. */
  int places() {
    return (int) (capacity * (1 - HEADROOM) / GUARANTEE);
  }

  /** What is promised, in parts of what the servers that do not die can promise. */
  double loadOfTheRest() {
    return (double) guaranteed() / ((long) (servers - dead()) * places());
  }

  boolean restCanCarryThem() {
    return loadOfTheRest() < 1;
  }
}
