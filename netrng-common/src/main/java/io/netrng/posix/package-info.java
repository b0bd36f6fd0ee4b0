// SPDX-License-Identifier: Apache-2.0
/**
 * Calls of the C library that the JDK does not offer: open flags, terminal settings, poll, the
 * kernel's generator and the replacement of a program. It supports glibc on x86-64 and aarch64, and
 * knows nothing of sources and their bytes.
 */
@NullMarked
package io.netrng.posix;

import org.jspecify.annotations.NullMarked;
