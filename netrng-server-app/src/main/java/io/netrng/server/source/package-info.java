// SPDX-License-Identifier: Apache-2.0
/**
 * The devices, a reader thread for each, and the tested samples in the buffer. Nothing in here may
 * use the recipients of the samples.
 */
@NullMarked
package io.netrng.server.source;

import org.jspecify.annotations.NullMarked;
