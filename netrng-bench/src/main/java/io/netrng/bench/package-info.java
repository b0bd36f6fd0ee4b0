/**
 * The benchmark: the load clients, the runs against iperf3 and the pieces under JMH. Nothing that
 * ships may depend on it.
 */
@NullMarked
package io.netrng.bench;

import org.jspecify.annotations.NullMarked;
