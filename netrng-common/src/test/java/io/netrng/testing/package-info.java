// SPDX-License-Identifier: Apache-2.0
/** Test classes that all packages share. */
@NullMarked
package io.netrng.testing;

import org.jspecify.annotations.NullMarked;
