// SPDX-License-Identifier: Apache-2.0
/**
 * What all sinks share: the interface, the buffer of the bytes for the kernel, and the check of the
 * right to feed it. This package must not depend on a particular sink or on the source of the
 * entropy.
 */
@NullMarked
package io.netrng.client.sink;

import org.jspecify.annotations.NullMarked;
