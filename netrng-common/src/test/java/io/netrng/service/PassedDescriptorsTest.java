// SPDX-License-Identifier: Apache-2.0
package io.netrng.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PassedDescriptorsTest {

  private static PassedDescriptors passed(String pid, String count, String names) {
    return PassedDescriptors.of(
        Map.of("LISTEN_PID", pid, "LISTEN_FDS", count, "LISTEN_FDNAMES", names), 42);
  }

  @Test
  void haveNumbersFromThreeInTheOrderOfTheirNames() {
    PassedDescriptors two = passed("42", "2", "kmsg:vmclock");
    assertThat(two.count()).isEqualTo(2);
    assertThat(two.number("kmsg")).hasValue(3);
    assertThat(two.number("vmclock")).hasValue(4);
    assertThat(two.number("other")).isEmpty();
  }

  @Test
  void areNoneForAnotherProcessOrWithoutAManager() {
    assertThat(passed("41", "1", "kmsg").count()).isZero();
    assertThat(PassedDescriptors.of(Map.of(), 42).count()).isZero();
    assertThat(passed("42", "x", "kmsg").count()).isZero();
  }

  @Test
  void areCountedAlsoWithoutNames() {
    PassedDescriptors unnamed =
        PassedDescriptors.of(Map.of("LISTEN_PID", "42", "LISTEN_FDS", "2"), 42);
    assertThat(unnamed.count()).isEqualTo(2);
    assertThat(unnamed.number("kmsg")).isEmpty();
  }
}
