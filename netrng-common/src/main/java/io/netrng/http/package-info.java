/**
 * Limits of HTTP that both apps share: connections, their time, and the host names that requests
 * may have. Nothing in here may know what is served.
 */
@NullMarked
package io.netrng.http;

import org.jspecify.annotations.NullMarked;
