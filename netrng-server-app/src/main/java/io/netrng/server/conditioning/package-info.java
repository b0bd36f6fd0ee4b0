// SPDX-License-Identifier: Apache-2.0
/**
 * The digest that conditions the bytes of devices, computed outside the heap. Nothing in here may
 * use another package of the server.
 */
@NullMarked
package io.netrng.server.conditioning;

import org.jspecify.annotations.NullMarked;
