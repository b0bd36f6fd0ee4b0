// SPDX-License-Identifier: Apache-2.0
/**
 * The listener of EGD, the protocol of the entropy gathering daemon, which QEMU speaks: its
 * commands, its sockets and its answers. This package must not depend on the origin of the bytes.
 */
@NullMarked
package io.netrng.egd;

import org.jspecify.annotations.NullMarked;
