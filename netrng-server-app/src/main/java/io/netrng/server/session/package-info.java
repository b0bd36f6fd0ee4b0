/**
 * The connections: who is let in, the protocol's state machine on each, and the way of the samples
 * to the socket. Nothing in here may decide who is next, or know a device.
 */
@NullMarked
package io.netrng.server.session;

import org.jspecify.annotations.NullMarked;
