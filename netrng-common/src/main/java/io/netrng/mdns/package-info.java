// SPDX-License-Identifier: Apache-2.0
/**
 * The service of NetRNG's servers in multicast DNS, for both apps. This package must not depend on
 * the use of what is announced or found.
 */
@NullMarked
package io.netrng.mdns;

import org.jspecify.annotations.NullMarked;
