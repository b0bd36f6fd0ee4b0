// SPDX-License-Identifier: Apache-2.0
/**
 * The benchmark: the load clients, the comparison with iperf3 and the microbenchmarks with JMH. It
 * also contains the apps as processes, which the end-to-end tests start too. Shipped code must not
 * depend on this package.
 */
@NullMarked
package io.netrng.bench;

import org.jspecify.annotations.NullMarked;
