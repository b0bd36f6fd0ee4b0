/**
 * What the pictures of the documentation are drawn with, all in one style. Nothing in here may know
 * what they show.
 */
@NullMarked
package io.netrng.picture;

import org.jspecify.annotations.NullMarked;
