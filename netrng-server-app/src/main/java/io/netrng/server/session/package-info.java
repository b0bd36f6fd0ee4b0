// SPDX-License-Identifier: Apache-2.0
/**
 * The connections: admission of clients, the protocol's state machine on each connection, and the
 * writing of samples to the socket. Nothing in here may choose the next client or use a device.
 */
@NullMarked
package io.netrng.server.session;

import org.jspecify.annotations.NullMarked;
