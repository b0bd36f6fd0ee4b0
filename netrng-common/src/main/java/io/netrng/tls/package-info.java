// SPDX-License-Identifier: Apache-2.0
/**
 * TLS of both apps. This package must not depend on Spring or on the source of the certificates.
 */
@NullMarked
package io.netrng.tls;

import org.jspecify.annotations.NullMarked;
