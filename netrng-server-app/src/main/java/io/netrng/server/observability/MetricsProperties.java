// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.observability;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The content of the metrics.
 *
 * @param perClient whether each client has series of its own; with thousands of clients, false
 *     reduces the load on Prometheus
 */
@ConfigurationProperties("netrng.server.metrics")
record MetricsProperties(@DefaultValue("true") boolean perClient) {}
