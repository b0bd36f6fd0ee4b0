// SPDX-License-Identifier: Apache-2.0
/** What the tests of all packages share. */
@NullMarked
package io.netrng.testing;

import org.jspecify.annotations.NullMarked;
