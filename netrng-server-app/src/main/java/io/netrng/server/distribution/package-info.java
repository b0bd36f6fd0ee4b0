// SPDX-License-Identifier: Apache-2.0
/**
 * Start-time fair queueing over the released stream: chooses the next client. Plain Java without
 * Netty, Spring or a clock, so that a test can drive a million samples a second through it.
 */
@NullMarked
package io.netrng.server.distribution;

import org.jspecify.annotations.NullMarked;
