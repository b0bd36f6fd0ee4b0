// SPDX-License-Identifier: Apache-2.0
package io.netrng.reload;

import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.boot.context.properties.bind.Binder;

/**
 * Properties that an app can change while it runs. Only one thread at a time may use them.
 *
 * @param <P> their type, which implements equals
 */
public final class ReloadableProperties<P> {

  private final Function<Binder, P> binding;
  private final Consumer<P> onChange;
  private P current;

  /**
   * Describes properties.
   *
   * @param initial their values at the start
   * @param binding reads them, and throws if they are invalid
   * @param onChange called with new values that differ from the previous ones
   */
  public ReloadableProperties(P initial, Function<Binder, P> binding, Consumer<P> onChange) {
    this.binding = binding;
    this.onChange = onChange;
    current = initial;
  }

  /** Values that have no effect yet. */
  record Reading<P>(ReloadableProperties<P> properties, P values) {

    boolean isCurrent() {
      return values.equals(properties.current);
    }

    void apply() {
      if (!isCurrent()) {
        properties.current = values;
        properties.onChange.accept(values);
      }
    }
  }

  Reading<P> read(Binder binder) {
    return new Reading<>(this, binding.apply(binder));
  }
}
