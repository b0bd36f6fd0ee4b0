// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import org.springframework.context.SmartLifecycle;

/** A bean whose start begins with checks of the configuration. */
public interface CheckedLifecycle extends SmartLifecycle {

  /**
   * Checks what {@link #start()} needs, and changes nothing. {@code start()} calls this method
   * first; {@code --check-config} calls only this method.
   *
   * @throws StartupException if the start would fail
   */
  void checkStart();
}
