// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import io.netrng.unit.DataRate;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of an app that exists only in tests.
 *
 * @param strokeLength not negative
 * @param flow a rate
 * @param pause a time
 * @param valves a list
 * @param broken whether the app finds something broken outside when it starts
 */
@ConfigurationProperties("netrng.pump")
record PumpProperties(
    @DefaultValue("3") int strokeLength,
    @DefaultValue("4KB/s") DataRate flow,
    @DefaultValue("1s") Duration pause,
    @DefaultValue List<Valve> valves,
    @DefaultValue("false") boolean broken) {

  PumpProperties {
    if (strokeLength < 0) {
      throw new InvalidPropertyException(
          "netrng.pump.stroke-length", strokeLength, "set it to 0 or more");
    }
  }

  /**
   * An element of a list.
   *
   * @param name any text
   */
  record Valve(String name) {}
}
