// SPDX-License-Identifier: Apache-2.0
/**
 * Health, metrics and info of the other packages, through Actuator. This package must only read
 * state, and no other package may depend on it.
 */
@NullMarked
package io.netrng.client.observability;

import org.jspecify.annotations.NullMarked;
