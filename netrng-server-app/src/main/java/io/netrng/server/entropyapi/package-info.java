// SPDX-License-Identifier: Apache-2.0
/**
 * The HTTP entropy API: its listener, its requests and its answers, for machines without NetRNG's
 * client. Nothing in here may serve the administrators.
 */
@NullMarked
package io.netrng.server.entropyapi;

import org.jspecify.annotations.NullMarked;
