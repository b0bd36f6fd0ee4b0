// SPDX-License-Identifier: Apache-2.0
/**
 * The simulation of scale: a site of servers and clients in virtual time. It uses the fair queue
 * and the admission of the server, and the candidates of the client. Shipped code must not depend
 * on this package.
 */
@NullMarked
package io.netrng.simulation;

import org.jspecify.annotations.NullMarked;
