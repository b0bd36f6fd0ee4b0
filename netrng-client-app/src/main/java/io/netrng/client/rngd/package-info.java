// SPDX-License-Identifier: Apache-2.0
/**
 * The child process {@code rngd}: finds, starts, feeds, monitors and stops it. This package must
 * not depend on the source of the entropy.
 */
@NullMarked
package io.netrng.client.rngd;

import org.jspecify.annotations.NullMarked;
