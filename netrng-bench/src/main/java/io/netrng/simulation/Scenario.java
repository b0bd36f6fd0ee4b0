// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

/**
 * The servers and clients of a site, and their events. Times are whole seconds since the beginning.
 *
 * @param name for the picture and the table
 * @param servers the number of servers
 * @param clients the number of clients
 * @param capacity the rate of each server, in bytes per second
 * @param upWithin the time in which all clients start
 * @param deathAt the time when a tenth of the servers die
 * @param backAt the time when these restart
 * @param end the end of the run
 * @param seed of all random numbers
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

  /**
   * A client at its guarantee receives one sample every 8 s, which is fine enough to measure
   * shares.
   */
  static final int SAMPLE_SIZE = 512;

  /** The number of servers in each client's list. */
  static final int LIST_LENGTH = 8;

  /** One client in this number is best effort. */
  static final int GUEST_EVERY = 20;

  /** One server in this number dies. */
  static final int DEAD_EVERY = 10;

  /** The server's default. */
  static final double HEADROOM = 0.1;

  /** Returns the number of clients with a guarantee. */
  int guaranteed() {
    return clients - guests();
  }

  int guests() {
    return (clients + GUEST_EVERY - 1) / GUEST_EVERY;
  }

  int dead() {
    return servers / DEAD_EVERY;
  }

  /** Returns the number of guarantees that one server can grant. */
  int places() {
    return (int) (capacity * (1 - HEADROOM) / GUARANTEE);
  }

  /** Returns all guarantees as a part of the guarantees that the surviving servers can grant. */
  double loadOfTheRest() {
    return (double) guaranteed() / ((long) (servers - dead()) * places());
  }

  boolean restCanCarryThem() {
    return loadOfTheRest() < 1;
  }
}
