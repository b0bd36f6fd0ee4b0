// SPDX-License-Identifier: Apache-2.0
/** External names of enum constants. */
@NullMarked
package io.netrng.naming;

import org.jspecify.annotations.NullMarked;
