// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP limits of both apps: connections, their time, and the allowed host names of requests. This
 * package must not depend on the served content.
 */
@NullMarked
package io.netrng.http;

import org.jspecify.annotations.NullMarked;
