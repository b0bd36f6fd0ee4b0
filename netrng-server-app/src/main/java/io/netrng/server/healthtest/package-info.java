// SPDX-License-Identifier: Apache-2.0
/**
 * The health tests of NIST SP 800-90B and their guards, over windows of a device's bytes. Plain
 * Java: nothing in here may use Spring, Netty, a clock or the recipients of the bytes.
 */
@NullMarked
package io.netrng.server.healthtest;

import org.jspecify.annotations.NullMarked;
