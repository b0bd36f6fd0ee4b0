package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import io.netrng.protocol.CloseCode;
import io.netrng.reload.ConfigReloader;
import io.netrng.server.security.SecurityProperties;
import io.netrng.service.ServiceManager;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.scheduling.TaskScheduler;

/** Reloads the configuration files of a running server. */
@ExtendWith(OutputCaptureExtension.class)
class ReloadTest {

  @TempDir Path directory;

  private void write(String properties) throws IOException {
    Files.writeString(directory.resolve("application.properties"), properties);
  }

  private ConfigReloader reloader(TestServer server) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "commandLineArgs", Map.of("spring.config.location", "file:" + directory + "/")));
    Binder binder = Binder.get(environment);
    return new SessionConfiguration()
        .configReloader(
            environment,
            mock(SslBundleRegistry.class),
            mock(TaskScheduler.class),
            mock(ServiceManager.class),
            server.sessions(),
            binder.bindOrCreate("netrng.server", SessionProperties.class),
            binder.bindOrCreate("netrng.server", SecurityProperties.class));
  }

  @Test
  void closesTheSessionsOfDeniedClientsAndNoOthers() throws Exception {
    write("");
    try (TestServer server = TestServer.startWith();
        RawClient denied = server.connect();
        RawClient other = server.connect()) {
      // given
      denied.join("web-1");
      other.join("web-2");
      ConfigReloader reloader = reloader(server);

      // when
      write("netrng.server.denied=web-1");
      reloader.reload();

      // then
      Message.Close close = denied.closed();
      assertThat(close.code()).isEqualTo(CloseCode.NOT_AUTHORISED.code());
      assertThat(close.reason()).isEqualTo("web-1 is denied: netrng.server.denied");
      assertThat(other.ping(1).read()).isEqualTo(new Message.Pong(1));
    }
  }

  @Test
  void appliesNewPoliciesToClientsThatJoinAfterTheReload() throws Exception {
    write("");
    try (TestServer server = TestServer.startWith();
        RawClient before = server.connect();
        RawClient after = server.connect()) {
      // given
      assertThat(before.join("web-1").guarantee()).isEqualTo(TestServer.GUARANTEE);
      ConfigReloader reloader = reloader(server);

      // when
      write("netrng.server.clients[0].name=web-1\nnetrng.server.clients[0].guarantee=7B/s");
      reloader.reload();

      // then
      assertThat(after.join("web-1").guarantee()).isEqualTo(7);
      assertThat(server.sessions().promised()).isEqualTo(TestServer.GUARANTEE + 7);
    }
  }

  @Test
  void logsInvalidPropertiesOnceAndKeepsTheCurrentOnes(CapturedOutput output) throws Exception {
    write("netrng.server.denied=web-1");
    try (TestServer server = TestServer.startWith();
        RawClient denied = server.connect()) {
      // given
      ConfigReloader reloader = reloader(server);
      reloader.reload();

      // when
      write("netrng.server.denied=web 1");
      reloader.reload();
      reloader.reload();

      // then
      assertThat(output.getOut().lines().filter(line -> line.contains("invalid and ignored")))
          .singleElement()
          .asString()
          .contains("WARN", "netrng.server.denied[] = 'web 1' is not possible");
      denied.hello(0, "web-1");
      assertThat(denied.closed().code()).isEqualTo(CloseCode.NOT_AUTHORISED.code());
    }
  }

  @Test
  void logsNoChangeWhenTheConfigurationIsUnchanged(CapturedOutput output) throws Exception {
    write("");
    try (TestServer server = TestServer.startWith()) {
      ConfigReloader reloader = reloader(server);
      reloader.reload();
      assertThat(output).doesNotContain("new policies").doesNotContain("new denials");
    }
  }
}
