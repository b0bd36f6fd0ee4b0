// SPDX-License-Identifier: Apache-2.0
/**
 * What writes parts of the documentation from what is built. Nothing of it is in the apps, and it
 * knows nothing of how they work.
 */
@NullMarked
package io.netrng.docs;

import org.jspecify.annotations.NullMarked;
