/**
 * Health, metrics and info: what the other packages are at, in the words of Actuator. Nothing in
 * here may change anything, and nobody may look in here.
 */
@NullMarked
package io.netrng.client.observability;

import org.jspecify.annotations.NullMarked;
