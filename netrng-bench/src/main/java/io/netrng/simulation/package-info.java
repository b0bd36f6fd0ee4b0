/**
 * The simulation of scale: a site of servers and clients in virtual time, over the fair queue and
 * the admission of the server and the candidates of the client. Nothing that ships may depend on
 * it.
 */
@NullMarked
package io.netrng.simulation;

import org.jspecify.annotations.NullMarked;
