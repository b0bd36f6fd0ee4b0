// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

import io.netrng.protocol.CloseCode;
import io.netrng.reload.ConfigReloader;
import io.netrng.server.distribution.Distributor;
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

  private static final String DEFAULT =
      "netrng.server.default-guarantee=%dB/s\n".formatted(TestServer.GUARANTEE);

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

  private static void has(ClientSession session, long guarantee, long ceiling) {
    await(session.label() + "'s rates are those of the new policy")
        .untilAsserted(() -> {
          assertThat(session.guarantee()).isEqualTo(guarantee);
          assertThat(session.ceiling()).isEqualTo(ceiling);
        });
  }

  @Test
  void appliesNewPoliciesToConnectedClientsAndToNewOnes() throws Exception {
    write(DEFAULT);
    try (TestServer server = TestServer.startWith();
        RawClient before = server.connect();
        RawClient after = server.connect()) {
      // given
      assertThat(before.join("web-1").guarantee()).isEqualTo(TestServer.GUARANTEE);
      ClientSession session = server.session("web-1");
      ConfigReloader reloader = reloader(server);

      // when
      write(
          DEFAULT
              + """
              netrng.server.clients[0].name=web-1
              netrng.server.clients[0].guarantee=7B/s
              netrng.server.clients[0].ceiling=70B/s
              """);
      reloader.reload();

      // then
      has(session, 7, 70);
      assertThat(server.events()).contains(new SessionEvent.Changed(session));
      assertThat(after.join("web-1").guarantee()).isEqualTo(7);
      assertThat(server.sessions().promised()).isEqualTo(14);
    }
  }

  @Test
  void aClientKeepsAGuaranteeThatItRequestedUnlessThePolicyAllowsLess() throws Exception {
    write(DEFAULT);
    try (TestServer server = TestServer.startWith();
        RawClient client = server.connect()) {
      // given
      client.hello(100, "web-1");
      assertThat(((Message.Welcome) client.read()).guarantee()).isEqualTo(100);
      ConfigReloader reloader = reloader(server);

      // when, then
      write("netrng.server.default-guarantee=1KB/s\nnetrng.server.default-ceiling=2KB/s");
      reloader.reload();
      has(server.session("web-1"), 100, 2048);
      write("netrng.server.default-guarantee=50B/s\nnetrng.server.default-ceiling=2KB/s");
      reloader.reload();
      has(server.session("web-1"), 50, 2048);
    }
  }

  @Test
  void ratesSetByHandStayUntilThePolicyOfTheClientChanges() throws Exception {
    write(DEFAULT);
    try (TestServer server = TestServer.startWith();
        RawClient one = server.connect();
        RawClient two = server.connect()) {
      // given
      one.join("one");
      two.join("two");
      ConfigReloader reloader = reloader(server);
      server.sessions().change(server.session("one"), 11, 12).block();

      // when the policy of the other client changes, and only the connection limit of this one
      write(
          DEFAULT
              + """
              netrng.server.clients[0].name=two
              netrng.server.clients[0].guarantee=7B/s
              netrng.server.clients[1].name=one
              netrng.server.clients[1].guarantee=640B/s
              netrng.server.clients[1].max-connections=1
              """);
      reloader.reload();

      // then
      has(server.session("two"), 7, Distributor.NO_CEILING);
      has(server.session("one"), 11, 12);
    }
  }

  @Test
  void appliesLowerGuaranteesFirstAndLogsWhatDoesNotFit(CapturedOutput output) throws Exception {
    write(DEFAULT);
    try (TestServer server = TestServer.startWith();
        RawClient one = server.connect();
        RawClient two = server.connect()) {
      // given a capacity of two guarantees
      server.capacity(() -> 2 * TestServer.GUARANTEE / 0.9);
      one.join("one");
      two.join("two");
      ConfigReloader reloader = reloader(server);

      // when, then
      write(policies(40, 1_240));
      reloader.reload();
      has(server.session("one"), 40, Distributor.NO_CEILING);
      has(server.session("two"), 1_240, Distributor.NO_CEILING);
      write(policies(1_241, 39));
      reloader.reload();
      has(server.session("one"), 1_241, Distributor.NO_CEILING);
      has(server.session("two"), 39, Distributor.NO_CEILING);

      // and when
      write(policies(1_242, 39));
      reloader.reload();

      // then
      await("the server logs the changed policies")
          .untilAsserted(() ->
              assertThat(output)
                  .contains(
                      "new policy does not fit; the client keeps its rates until it reconnects")
                  .contains("client=\"one\"", "netrng.server.capacity"));
      has(server.session("one"), 1_241, Distributor.NO_CEILING);
    }
  }

  private static String policies(long one, long two) {
    return """
    netrng.server.clients[0].name=one
    netrng.server.clients[0].guarantee=%dB/s
    netrng.server.clients[1].name=two
    netrng.server.clients[1].guarantee=%dB/s
    """
        .formatted(one, two);
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
