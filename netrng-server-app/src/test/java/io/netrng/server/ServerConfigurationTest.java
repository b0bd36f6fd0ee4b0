// SPDX-License-Identifier: Apache-2.0
package io.netrng.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What an operator can write, and what the server says to it. */
@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
class ServerConfigurationTest {

  @TempDir Path directory;

  /** Starts the application and ends it. */
  private static void run(String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of("--netrng.server.port=0", "--netrng.server.source.devices=/dev/urandom"));
    for (String argument : arguments) {
      // Also removes a list, if the argument is one of its elements.
      all.removeIf(other -> argument.startsWith(other.substring(0, other.indexOf('='))));
      all.add(argument);
    }
    new SpringApplicationBuilder(NetrngServerApplication.class)
        .web(WebApplicationType.NONE)
        .run(all.toArray(String[]::new))
        .close();
  }

  @Nested
  class InvalidValues {

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "port=-1|-1|set it to a port from 1 to 65535, or to 0 for any",
          "port=65536|65536|set it to a port from 1 to 65535, or to 0 for any",
          "port=http|http|''",
          "max-clients=0|0|set it to 1 or more",
          "max-clients=-5|-5|set it to 1 or more",
          "max-clients=many|many|''",
          "default-guarantee=4GB/s|4GB/s|set it to a rate up to 4294967295B/s, or 0B/s",
          "default-guarantee=unlimited|unlimited|set it to a rate up to 4294967295B/s, or 0B/s",
          "default-ceiling=0B/s|0B/s|set it to 1B/s or more, or not at all",
          "headroom=100%|100%|nothing would be left to promise; set it below 100%",
          "headroom=10|10|write it like 10%",
          "default-guarantee=64|64|write it like 64B/s, 4KB/s, 2MB/s or unlimited",
          "keepalive=999ms|PT0.999S|set it to a time from 1s to 10m",
          "keepalive=601s|PT10M1S|set it to a time from 1s to 10m",
          "keepalive=-1s|PT-1S|set it to a time from 1s to 10m",
          "keepalive=106751991168d|PT|set it to a time from 1s to 10m",
          "keepalive=often|often|''",
          "sample-size=15B|15B|set it to a size from 16B to 64KB",
          "sample-size=65537B|65537B|set it to a size from 16B to 64KB",
          "sample-size=-2KB|-2048B|set it to a size from 16B to 64KB",
          "sample-size=big|big|''",
          "capacity=0B/s|0B/s|set it to a rate from 1B/s to 1TB/s, or leave it out to have it measured",
          "capacity=unlimited|unlimited|set it to a rate from 1B/s to 1TB/s, or leave it out to have it measured",
          "capacity=fast|fast|write it like 64B/s, 4KB/s, 2MB/s or unlimited",
          "health.alpha-exponent=19|19|set it to 20 up to 64",
          "health.alpha-exponent=65|65|set it to 20 up to 64",
          "health.alpha-exponent=high|high|''",
          "health.min-entropy-per-byte=0|0.0|set it to 0.1 up to 8.0",
          "health.min-entropy-per-byte=8.1|8.1|set it to 0.1 up to 8.0",
          "health.min-entropy-per-byte=NaN|NaN|set it to 0.1 up to 8.0",
          "limits.handshake-timeout=99ms|PT0.099S|set it to a time from 100ms to 1m",
          "limits.handshake-timeout=never|never|''",
          "limits.hello-timeout=61s|PT1M1S|set it to a time from 100ms to 1m",
          "limits.connections-per-address=0|0|set it to 1 or more",
          "limits.connections-per-address=few|few|''",
          "limits.accept-rate=0|0|set it to 1 up to 1000000 per second",
          "limits.accept-rate=1000001|1000001|set it to 1 up to 1000000 per second",
          "limits.frame-size=70B|70B|set it to a size from 71B to 1KB",
          "limits.frame-size=1025B|1025B|set it to a size from 71B to 1KB",
          "limits.write-buffer=1023B|1023B|set it to a size from 1KB to 64MB",
          "limits.write-buffer=65MB|68157440B|set it to a size from 1KB to 64MB",
          "audit.max-file-size=63KB|64512B|set it to a size from 64KB to 1TB",
          "audit.max-files=1|1|set it to 2 up to 1000 files",
          "egd.listen[0].address=egd.sock|'''egd.sock'''|give the absolute path of a unix socket, or host:port such as 127.0.0.1:8990 or [::1]:8990",
          "source.devices=|(empty)|name at least one device",
          "source.devices=hwrng|hwrng|netrng.server.source.devices[0]=VALUE.",
          "source.devices=tty:/dev/ttyACM0?open-speeds=110,300|tty:/dev/ttyACM0?open-speeds=110,300|write '300' as an absolute path, or a value with a comma as netrng.server.source.devices[0]=VALUE",
          "source.devices=tty:/dev/ttyACM0?speed=1|tty:/dev/ttyACM0?speed=1|4000000 instead of '1'.",
          "source.devices[0]=tty:/dev/ttyACM0?open-speeds=1,2|tty:/dev/ttyACM0?open-speeds=1,2|4000000 instead of '1'.",
          "source.devices[0].device=tty:/dev/ttyACM0?parity=no|tty:/dev/ttyACM0?parity=no|write none, odd or even instead of the parity 'no'",
          "source.devices=/dev/urandom,/dev/zero,/dev/urandom|/dev/urandom|name each device once"
        })
    void rejectsAnInvalidValueAtStartAndNamesItsPropertyAndItsFix(
        String argument, String value, String cure, CapturedOutput output) {
      // given
      String property = "netrng.server." + argument.substring(0, argument.indexOf('='));

      // when
      Throwable failure = catchThrowable(() -> run("--netrng.server." + argument));

      // then
      assertThat(failure).isNotNull();
      assertThat(sentence(output))
          .startsWith(property + " = " + value)
          .contains(" is not possible: ")
          .endsWith(cure.isEmpty() ? "." : cure + (cure.startsWith("write") ? "." : ""));
      assertThat(output).contains("Action:\n\nCorrect the property").doesNotContain("\tat ");
    }

    private static String sentence(CapturedOutput output) {
      assertThat(output).contains("APPLICATION FAILED TO START", "Description:\n\n", "\n\nAction:");
      String all = output.getOut();
      int from = all.indexOf("Description:\n\n") + "Description:\n\n".length();
      return all.substring(from, all.indexOf("\n\nAction:"));
    }

    @Test
    void rejectsAMinEntropyForWhichAHealthTestCouldNeverFail(CapturedOutput output) {
      // when
      Throwable failure =
          catchThrowable(() ->
              run(
                  "--netrng.server.health.min-entropy-per-byte=0.1",
                  "--netrng.server.health.alpha-exponent=64"));

      // then
      assertThat(failure).isNotNull();
      assertThat(sentence(output))
          .isEqualTo(
              "netrng.server.health.min-entropy-per-byte = 0.1 is not possible: set it to 0.125 or"
                  + " more: with netrng.server.health.alpha-exponent = 64 the adaptive proportion"
                  + " test could never fail");
    }

    @Test
    void rejectsADeviceThatDoesNotExist(CapturedOutput output) {
      // given
      Path missing = directory.resolve("none");

      // when
      Throwable failure = catchThrowable(() -> run("--netrng.server.source.devices=" + missing));

      // then
      assertThat(failure).isNotNull();
      assertThat(sentence(output))
          .isEqualTo(
              "netrng.server.source.devices = " + missing + " cannot be read: does not exist.");
      assertThat(output).contains("Action:\n\nName a device").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({"203.0.113.1", "no-such-host.invalid"})
    void rejectsABindAddressThatIsNotLocalOrDoesNotResolve(String address, CapturedOutput output) {
      // when
      Throwable failure =
          catchThrowable(() ->
              run(
                  "--netrng.server.bind-address=" + address,
                  "--netrng.server.allow-plaintext=true"));

      // then
      assertThat(failure).isNotNull();
      assertThat(sentence(output))
          .startsWith(
              "netrng.server.bind-address = "
                  + address
                  + ", netrng.server.port = 0 cannot be listened on: ");
      assertThat(output).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0", "'::'", "rng.example.org"})
    void rejectsABindAddressBeyondLoopbackWithoutTlsOrAllowPlaintext(
        String address, CapturedOutput output) {
      // when
      Throwable failure = catchThrowable(() -> run("--netrng.server.bind-address=" + address));

      // then
      assertThat(failure).isNotNull();
      assertThat(sentence(output))
          .isEqualTo(
              "netrng.server.bind-address = "
                  + address
                  + " would serve entropy in plain TCP beyond this machine.");
      assertThat(output)
          .contains("netrng.server.allow-plaintext=true")
          .doesNotContain("\tat ")
          .doesNotContain("listening");
    }
  }

  @Nested
  class AllowedPlainTcp {

    @Test
    void logsOneWarningWhenPlainTcpIsAllowedBeyondLoopback(CapturedOutput output) {
      // when
      run("--netrng.server.bind-address=0.0.0.0", "--netrng.server.allow-plaintext=true");

      // then
      assertThat(output.getOut().lines().filter(line -> line.contains("WARN")))
          .singleElement()
          .asString()
          .contains("plain TCP", "labels are not verified", "netrng.server.allow-plaintext");
    }
  }

  @Nested
  class ValidValues {

    @ParameterizedTest
    @CsvSource({
      "sample-size=16B",
      "sample-size=64KB",
      "max-clients=1",
      "default-guarantee=0B/s",
      "default-ceiling=1B/s",
      "headroom=0%",
      "headroom=99.9%",
      "clients[0].name=pod-*",
      "default-guarantee=4294967295B/s",
      "keepalive=1s",
      "keepalive=10m",
      "bind-address=localhost",
      "capacity=1B/s",
      "capacity=1TB/s",
      "limits.handshake-timeout=100ms",
      "limits.hello-timeout=1m",
      "limits.connections-per-address=1",
      "limits.accept-rate=1",
      "limits.accept-rate=1000000",
      "limits.frame-size=71B",
      "limits.write-buffer=64MB"
    })
    void startsTheServerWithAValidValue(String argument, CapturedOutput output) {
      // when
      run("--netrng.server." + argument);

      // then
      assertThat(output)
          .contains("listening for clients", "source started")
          .doesNotContain("unknown property");
    }
  }

  @Nested
  class UnknownProperties {

    @Test
    void logsOneWarningThatNamesTheClosestMatchOfAnUnknownProperty(CapturedOutput output) {
      // when
      run("--netrng.server.max-client=3");

      // then
      assertThat(output.getOut().lines().filter(line -> line.contains("unknown property")))
          .singleElement()
          .asString()
          .contains(
              "WARN",
              "property=\"netrng.server.max-client\"",
              "nearest=\"netrng.server.max-clients\"");
    }
  }
}
