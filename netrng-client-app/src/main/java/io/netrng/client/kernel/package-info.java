// SPDX-License-Identifier: Apache-2.0
/**
 * The sink that feeds the kernel through its own interface, random(4). This package must not depend
 * on the source of the entropy.
 */
@NullMarked
package io.netrng.client.kernel;

import org.jspecify.annotations.NullMarked;
