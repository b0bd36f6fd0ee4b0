/**
 * Addresses: how they are written, and which of them stay on this machine. Nothing in here may know
 * who is there.
 */
@NullMarked
package io.netrng.net;

import org.jspecify.annotations.NullMarked;
