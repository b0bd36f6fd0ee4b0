package io.netrng.simulation;

/**
 * How the site was at the end of one second.
 *
 * @param second since the beginning, the first is 0
 * @param atGuarantee the part of the clients with a guarantee that had it
 * @param attempts how many connections were asked for within this second
 * @param mostOnOne the most that a living server was asked for within this second
 * @param mostOnDead the most that a dead one was asked for within this second
 */
record SecondStats(int second, double atGuarantee, int attempts, int mostOnOne, int mostOnDead) {}
