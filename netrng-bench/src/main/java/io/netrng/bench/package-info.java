/**
 * The benchmark: the load clients, the runs against iperf3 and the pieces under JMH; and the apps
 * as processes, which the end-to-end tests start as well. Nothing that ships may depend on it.
 */
@NullMarked
package io.netrng.bench;

import org.jspecify.annotations.NullMarked;
