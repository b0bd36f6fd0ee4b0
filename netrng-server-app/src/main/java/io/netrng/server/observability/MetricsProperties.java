package io.netrng.server.observability;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the metrics show.
 *
 * @param perClient whether each client has series of its own; with thousands of them the site's
 *     Prometheus may do better without
 */
@ConfigurationProperties("netrng.server.metrics")
record MetricsProperties(@DefaultValue("true") boolean perClient) {}
