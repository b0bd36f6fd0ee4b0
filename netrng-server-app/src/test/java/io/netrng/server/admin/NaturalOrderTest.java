// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class NaturalOrderTest {

  private static List<String> sorted(String... names) {
    List<String> sorted = new ArrayList<>(List.of(names));
    sorted.sort(NaturalOrder.INSTANCE);
    return sorted;
  }

  @Test
  void comparesNumbersInNamesByTheirValue() {
    assertThat(sorted("web-10", "web-2", "web-1", "db-3"))
        .containsExactly("db-3", "web-1", "web-2", "web-10");
    assertThat(sorted("10.0.0.10:5", "10.0.0.9:50", "10.0.0.9:7"))
        .containsExactly("10.0.0.9:7", "10.0.0.9:50", "10.0.0.10:5");
  }

  @Test
  void ignoresCaseAndLeadingZerosUntilNamesAreEqualOtherwise() {
    assertThat(sorted("WEB-3", "web-20", "Web-1")).containsExactly("Web-1", "WEB-3", "web-20");
    assertThat(sorted("a1", "a01", "a001b")).containsExactly("a01", "a1", "a001b");
  }

  @Test
  void comparesNumbersOfAnyLength() {
    String large = "9".repeat(50);
    assertThat(sorted("n1" + large, "n" + large, "n8"))
        .containsExactly("n8", "n" + large, "n1" + large);
  }

  @Property
  void isATotalOrder(
      @ForAll @StringLength(max = 6) @Chars({'a', 'B', '0', '1', '9', '-'}) String a,
      @ForAll @StringLength(max = 6) @Chars({'a', 'B', '0', '1', '9', '-'}) String b,
      @ForAll @StringLength(max = 6) @Chars({'a', 'B', '0', '1', '9', '-'}) String c) {
    int ab = Integer.signum(NaturalOrder.INSTANCE.compare(a, b));
    assertThat(Integer.signum(NaturalOrder.INSTANCE.compare(b, a))).isEqualTo(-ab);
    assertThat(ab == 0).isEqualTo(a.equals(b));
    if (ab <= 0 && NaturalOrder.INSTANCE.compare(b, c) <= 0) {
      assertThat(NaturalOrder.INSTANCE.compare(a, c)).isLessThanOrEqualTo(0);
    }
  }
}
