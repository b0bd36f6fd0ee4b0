// SPDX-License-Identifier: Apache-2.0
package io.netrng.simulation;

/**
 * The state of the site at the end of one second.
 *
 * @param second since the beginning, the first is 0
 * @param atGuarantee the share of the clients with a guarantee that received it
 * @param attempts the number of connection attempts in this second
 * @param mostOnOne the maximum of attempts at one running server in this second
 * @param mostOnDead the maximum of attempts at one dead server in this second
 */
record SecondStats(int second, double atGuarantee, int attempts, int mostOnOne, int mostOnDead) {}
