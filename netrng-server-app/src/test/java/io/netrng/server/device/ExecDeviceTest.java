// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names programs. */
class ExecDeviceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "exec:infnoise                  | infnoise",
        "exec:  a \t b                  | a,b",
        "exec:/opt/a -x \"b c\" d       | /opt/a,-x,b c,d",
        "exec:a --label=\"b c\"d        | a,--label=b cd",
        "exec:a \"\" b                  | a,,b",
        "exec:\"/opt/a b\" $HOME '* \\  | /opt/a b,$HOME,'*,\\"
      })
  void splitsItsTextAtBlanksAndGroupsByDoubleQuotes(String text, String words) throws IOException {
    assertThat(Device.of(text).identity()).isEqualTo(List.of(words.split(",")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"exec:", "exec: ", "exec:\"\"", "exec:a \"b", "exec:bin/a"})
  void refusesATextThatIsNoCommand(String text) {
    assertThatThrownBy(() -> Device.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("exec:");
  }

  @Test
  void isDescribedByItsProgram() {
    Device device = Device.of("exec:/opt/bin/infnoise --raw");

    assertThat(device.name()).isEqualTo("exec:/opt/bin/infnoise --raw");
    assertThat(device.shortName()).isEqualTo("infnoise");
    assertThat(device.info()).isEqualTo(DeviceInfo.of("exec", "program infnoise"));
  }

  @Test
  void findsAProgramByItsPathOrInPath() throws IOException {
    Device.of("exec:/bin/sh").check();
    ExecDevice.of("exec:sh", _ -> ":relative:/none:/bin").check();
  }

  @Test
  void aMissingProgramIsFoundAtTheStart() {
    assertThatThrownBy(() -> ExecDevice.of("exec:sh", _ -> null).check())
        .hasMessage("PATH has no program sh");
    assertThatThrownBy(() -> Device.of("exec:/bin").check())
        .hasMessage("/bin is no program that this user may run");
    assertThatThrownBy(() -> Device.of("exec:/none/at all").check())
        .hasMessage("/none/at is no program that this user may run");
  }
}
