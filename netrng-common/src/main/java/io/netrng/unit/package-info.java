// SPDX-License-Identifier: Apache-2.0
/**
 * Units of the configuration and of answers. This package must not depend on the use of the values.
 */
@NullMarked
package io.netrng.unit;

import org.jspecify.annotations.NullMarked;
