// SPDX-License-Identifier: Apache-2.0
package io.netrng.naming;

import java.util.Locale;

/** An enum whose constants have a name in metrics, logs, REST and the wire protocol's documents. */
public interface ExternalName {

  /** The constant as the enum declares it. */
  String name();

  /** The constant in lower case, with hyphens, such as {@code max-clients}. */
  default String externalName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
