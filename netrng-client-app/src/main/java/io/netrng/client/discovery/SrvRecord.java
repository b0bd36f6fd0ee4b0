// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

/**
 * An SRV record (RFC 2782).
 *
 * @param priority clients prefer lower values
 * @param weight the share of the clients among the records of one priority
 * @param target where the server listens
 */
public record SrvRecord(int priority, int weight, ServerAddress target) {}
