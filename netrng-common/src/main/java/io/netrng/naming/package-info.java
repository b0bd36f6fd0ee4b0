/** The names that constants of the code have outside it. */
@NullMarked
package io.netrng.naming;

import org.jspecify.annotations.NullMarked;
