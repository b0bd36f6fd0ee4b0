/**
 * TLS as both apps speak it, and where it may be left out. Nothing in here may know Spring, or
 * where certificates come from.
 */
@NullMarked
package io.netrng.tls;

import org.jspecify.annotations.NullMarked;
