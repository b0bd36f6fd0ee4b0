// SPDX-License-Identifier: Apache-2.0
/**
 * Guests of this machine, which draw entropy over EGD, and how they share it with the sink. This
 * package must not depend on the stream or on a particular sink.
 */
@NullMarked
package io.netrng.client.egd;

import org.jspecify.annotations.NullMarked;
