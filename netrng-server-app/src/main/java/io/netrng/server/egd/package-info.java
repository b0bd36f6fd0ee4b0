// SPDX-License-Identifier: Apache-2.0
/**
 * The listeners of EGD clients, such as QEMU: their addresses, and their sessions. This package
 * must not decide which clients are admitted, nor which one receives the next bytes.
 */
@NullMarked
package io.netrng.server.egd;

import org.jspecify.annotations.NullMarked;
