package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import io.netrng.protocol.CloseCode;
import io.netrng.server.security.SecurityProperties;
import io.netrng.service.ServiceManager;
import io.netrng.startup.FreshConfiguration;
import io.netrng.testing.RawClient;
import io.netrng.testing.RawClient.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Files that change under a running server. */
@ExtendWith(OutputCaptureExtension.class)
class ReconfigurationTest {

  @TempDir Path directory;

  private void write(String properties) throws IOException {
    Files.writeString(directory.resolve("application.properties"), properties);
  }

  private Reconfiguration of(TestServer server) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "commandLineArgs", Map.of("spring.config.location", "file:" + directory + "/")));
    Binder binder = Binder.get(environment);
    return new Reconfiguration(
        new FreshConfiguration(environment),
        mock(SslBundleRegistry.class),
        new ServiceManager(Map.of()),
        server.authenticator(),
        server.sessions(),
        binder.bindOrCreate("netrng.server", SessionProperties.class),
        binder.bindOrCreate("netrng.server", SecurityProperties.class));
  }

  @Test
  void whoIsDeniedWhileConnectedIsSentAwayAndTheOthersAreNot() throws Exception {
    write("");
    try (TestServer server = TestServer.startWith();
        RawClient denied = server.connect();
        RawClient other = server.connect()) {
      // given
      denied.join("web-1");
      other.join("web-2");
      Reconfiguration reconfiguration = of(server);

      // when
      write("netrng.server.denied=web-1");
      reconfiguration.read();

      // then
      Message.Close close = denied.closed();
      assertThat(close.code()).isEqualTo(CloseCode.NOT_AUTHORISED.code());
      assertThat(close.reason()).isEqualTo("web-1 is denied: netrng.server.denied");
      assertThat(other.ping(1).read()).isEqualTo(new Message.Pong(1));
    }
  }

  @Test
  void newPoliciesHoldForThoseWhoComeFromNowOn() throws Exception {
    write("");
    try (TestServer server = TestServer.startWith();
        RawClient before = server.connect();
        RawClient after = server.connect()) {
      // given
      assertThat(before.join("web-1").guarantee()).isEqualTo(TestServer.GUARANTEE);
      Reconfiguration reconfiguration = of(server);

      // when
      write("netrng.server.clients[0].name=web-1\nnetrng.server.clients[0].guarantee=7B/s");
      reconfiguration.read();

      // then
      assertThat(after.join("web-1").guarantee()).isEqualTo(7);
      assertThat(server.sessions().promised()).isEqualTo(TestServer.GUARANTEE + 7);
    }
  }

  @Test
  void whatCannotBeUsedIsSaidOnceAndWhatHeldBeforeHolds(CapturedOutput output) throws Exception {
    write("netrng.server.denied=web-1");
    try (TestServer server = TestServer.startWith();
        RawClient denied = server.connect()) {
      // given
      Reconfiguration reconfiguration = of(server);
      reconfiguration.read();

      // when
      write("netrng.server.denied=web 1");
      reconfiguration.read();
      reconfiguration.read();

      // then
      assertThat(output.getOut().lines().filter(line -> line.contains("cannot be used")))
          .singleElement()
          .asString()
          .contains("WARN", "netrng.server.denied[] = 'web 1' is not possible");
      denied.hello(0, "web-1");
      assertThat(denied.closed().code()).isEqualTo(CloseCode.NOT_AUTHORISED.code());
    }
  }

  /** What an editor leaves for a moment that writes a file in place. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# comment\n", "netrng.server.denied=web-1\\u00"})
  void anEmptyOrUnreadableFileDropsNoDenial(String content, CapturedOutput output)
      throws Exception {
    write("netrng.server.denied=web-1");
    try (TestServer server = TestServer.startWith()) {
      // given
      Reconfiguration reconfiguration = of(server);
      reconfiguration.read();

      // when
      write(content);
      reconfiguration.poll();
      reconfiguration.poll();
      reconfiguration.read();

      // then
      assertDenied(server, "web-1");
      assertThat(output.getOut().lines().filter(line -> line.contains("cannot be used")))
          .singleElement()
          .asString()
          .contains("WARN");
    }
  }

  @Test
  void aMissingFileDropsNoDenial() throws Exception {
    write("netrng.server.denied=web-1");
    try (TestServer server = TestServer.startWith()) {
      Reconfiguration reconfiguration = of(server);
      reconfiguration.read();
      Files.delete(directory.resolve("application.properties"));
      reconfiguration.read();
      assertDenied(server, "web-1");
    }
  }

  @Test
  void aFileThatIsStillBeingWrittenHasNoEffectUntilTwoReadingsAgree() throws Exception {
    write("netrng.server.denied=web-1,web-2");
    try (TestServer server = TestServer.startWith()) {
      // given
      Reconfiguration reconfiguration = of(server);
      reconfiguration.read();

      // when half of the file is there
      write("netrng.server.denied=web-1");
      assertThat(reconfiguration.poll()).isTrue();

      // then
      assertDenied(server, "web-2");

      // when all of it is
      write("netrng.server.denied=web-1,web-2,web-3");
      assertThat(reconfiguration.poll()).isTrue();
      assertThat(reconfiguration.poll()).isFalse();

      // then
      assertDenied(server, "web-2");
      assertDenied(server, "web-3");
    }
  }

  private static void assertDenied(TestServer server, String name) throws IOException {
    try (RawClient client = server.connect()) {
      client.hello(0, name);
      assertThat(client.closed().code()).isEqualTo(CloseCode.NOT_AUTHORISED.code());
    }
  }

  @Test
  void whatHasNotChangedHasNoEffect(CapturedOutput output) throws Exception {
    write("");
    try (TestServer server = TestServer.startWith()) {
      Reconfiguration reconfiguration = of(server);
      reconfiguration.read();
      assertThat(output).doesNotContain("new policies").doesNotContain("new denials");
    }
  }
}
