// SPDX-License-Identifier: Apache-2.0
/**
 * Calls of the C library that the JDK does not offer: open flags, terminal settings and poll. It
 * supports glibc on x86-64 and aarch64, and knows nothing of devices and their bytes.
 */
@NullMarked
package io.netrng.posix;

import org.jspecify.annotations.NullMarked;
