// SPDX-License-Identifier: Apache-2.0
/**
 * The kinds of devices: how each is named, found, described and opened. It knows nothing of the
 * tests and the use of the bytes.
 */
@NullMarked
package io.netrng.server.device;

import org.jspecify.annotations.NullMarked;
