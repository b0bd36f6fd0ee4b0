// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The detection of clones.
 *
 * @param cloneDetection whether a client in a virtual machine watches for a restore from a
 *     snapshot, and then replaces its process; SIGUSR1 requests the same in any case
 */
@ConfigurationProperties("netrng.client")
record CloneProperties(@DefaultValue("true") boolean cloneDetection) {}
