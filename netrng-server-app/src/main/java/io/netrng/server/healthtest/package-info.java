/**
 * The health tests of NIST SP 800-90B and their guards, over windows of a device's bytes. Plain
 * Java: nothing in here may know Spring, Netty, a clock or where the bytes go.
 */
@NullMarked
package io.netrng.server.healthtest;

import org.jspecify.annotations.NullMarked;
