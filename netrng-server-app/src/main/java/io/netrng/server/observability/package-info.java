// SPDX-License-Identifier: Apache-2.0
/**
 * Observability for operators: health, metrics and info. It uses the other packages; none of them
 * may use it.
 */
@NullMarked
package io.netrng.server.observability;

import org.jspecify.annotations.NullMarked;
