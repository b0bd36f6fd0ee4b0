// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.audit.AuditLog;
import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.egd.NoGuests;
import io.netrng.client.sink.FeedBuffer;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.stream.FakeServer.Connection;
import io.netrng.testing.Pki;
import io.netrng.testkit.Message;
import io.netrng.tls.KeyExchange;
import io.netrng.tls.TlsContexts;
import io.netrng.unit.DataRate;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.boot.ssl.SslStoreBundle;

/** The client inside TLS, against the JDK's own sockets. */
class StreamClientTlsTest {

  private static final int SIZE = 2_048;
  private static final StreamTimings TIMINGS =
      new StreamTimings(
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofMillis(300),
          Duration.ofMillis(700),
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          Duration.ofSeconds(1));

  private final Pki pki = new Pki();
  private final FeedBuffer feed = FeedBuffers.open(5 * SIZE);
  private volatile Duration elapsed = Duration.ZERO;
  private @Nullable FakeServer server;
  private @Nullable StreamClient client;

  private FakeServer listen(SSLContext context, Consumer<SSLServerSocket> settings)
      throws IOException {
    SSLServerSocket socket =
        (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
    socket.setNeedClientAuth(true);
    settings.accept(socket);
    FakeServer listening = new FakeServer(socket, 0);
    server = listening;
    return listening;
  }

  private FakeServer listen() throws IOException {
    return listen(pki.sockets(pki.server()), _ -> {});
  }

  private StreamClient start(String host, FakeServer at, @Nullable X509Bundle certificate)
      throws SSLException {
    return start(host, null, at, certificate, KeyExchange.HYBRID_PREFERRED);
  }

  private StreamClient start(
      String host,
      @Nullable String serverName,
      FakeServer at,
      @Nullable X509Bundle certificate,
      KeyExchange keyExchange)
      throws SSLException {
    StreamProperties properties =
        new StreamProperties(
            List.of(new ServerAddress(host, at.address().port())),
            "tester",
            new DataRate(0),
            DataRate.UNLIMITED,
            false,
            new StreamProperties.Tls("netrng", serverName, keyExchange),
            false,
            null,
            SinkKind.RNGD,
            StreamProperties.Combine.ONE);
    var context =
        TlsContexts.ofClient(
            certificate == null ? null : Pki.keys(certificate), pki.trust(), null, keyExchange);
    StreamClient started =
        new StreamClient(
            properties,
            feed,
            TIMINGS,
            new Connector(TIMINGS.connect(), TIMINGS.bye(), () -> context, null),
            new SystemResolver(
                name -> InetAddress.getAllByName(name.endsWith(".org") ? "127.0.0.1" : name),
                TIMINGS.lookup()),
            new KernelRandom(),
            AuditLog.off(),
            () -> Instant.now().plus(elapsed));
    client = started;
    started.start();
    return started;
  }

  /** Starts the usual server, with one version of TLS. */
  private FakeServer listenWith(String version) throws Exception {
    return listen(
        pki.sockets(pki.server()), socket -> socket.setEnabledProtocols(new String[] {version}));
  }

  private static String awaitReason(StreamClient client) {
    await("the client waits").until(() -> client.status().state() instanceof StreamState.Waiting);
    return ((StreamState.Waiting) client.status().state()).why();
  }

  @AfterEach
  void stop() throws Exception {
    if (client != null) {
      CountDownLatch stopped = new CountDownLatch(1);
      client.stop(stopped::countDown);
      assertThat(stopped.await(5, TimeUnit.SECONDS)).as("stopped in time").isTrue();
      client.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Nested
  class AServerThatIsTrusted {

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void receivesSamplesOverTls13AndTls12(String version) throws Exception {
      FakeServer listening = listenWith(version);
      StreamClient started = start("127.0.0.1", listening, pki.client("web-1"));

      Connection connection = listening.greeted();
      connection.welcome(SIZE, 64, 10_000);
      assertThat(connection.expectRequest()).isEqualTo(5);
      for (int i = 0; i < 5; i++) {
        connection.sample((long) i * SIZE, new byte[SIZE]);
      }

      await("all samples are there").until(() -> started.status().receivedBytes() == 5 * SIZE);
      assertThat(started.status().state())
          .isInstanceOfSatisfying(
              StreamState.Streaming.class,
              streaming ->
                  assertThat(streaming.tls())
                      .hasValueSatisfying(tls -> {
                        assertThat(tls.version()).isEqualTo(version);
                        assertThat(tls.group()).isEqualTo("X25519");
                      }));
    }

    /** A resumed TLS session has the certificate of its first handshake. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void isRejectedOnceItsCertificateHasExpired(String version) throws Exception {
      // given
      FakeServer listening = listenWith(version);
      StreamClient started = start("127.0.0.1", listening, pki.client("web-1"));
      Connection connection = listening.greeted();
      connection.welcome(SIZE, 64, 10_000);
      connection.expectRequest();

      // when
      elapsed = Duration.ofDays(20_000);
      connection.close();

      // then
      Connection next = listening.accept();
      assertThat(next.read()).isInstanceOf(Message.End.class);
      assertThat(awaitReason(started)).contains("no-tls: the server's certificate expired at ");
    }

    @Test
    void offersNetrng1AsTheApplicationProtocol() throws Exception {
      FakeServer listening =
          listen(
              pki.sockets(pki.server()),
              socket -> {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"netrng/1"});
                socket.setSSLParameters(parameters);
              });
      start("localhost", listening, pki.client("web-1"));
      assertThat(listening.greeted().applicationProtocol()).isEqualTo("netrng/1");
    }

    @Test
    void acceptsACertificateForTheConfiguredHostNameAtAnyAddress() throws Exception {
      X509Bundle certificate =
          pki.sign(
              Pki.builder("CN=rng")
                  .addSanDnsName("rng.example.org")
                  .addExtendedKeyUsageServerAuth());
      FakeServer listening = listen(pki.sockets(certificate), _ -> {});
      start("rng.example.org", listening, pki.client("web-1"));
      assertThat(listening.greeted().hello().version()).isEqualTo(1);
    }

    @Test
    void acceptsACertificateForTheServerNameInsteadOfTheHost() throws Exception {
      X509Bundle certificate =
          pki.sign(
              Pki.builder("CN=rng")
                  .addSanDnsName("rng.example.org")
                  .addExtendedKeyUsageServerAuth());
      FakeServer listening = listen(pki.sockets(certificate), _ -> {});
      start(
          "127.0.0.1",
          "rng.example.org",
          listening,
          pki.client("web-1"),
          KeyExchange.HYBRID_PREFERRED);
      Connection connection = listening.greeted();
      assertThat(connection.hello().version()).isEqualTo(1);
      assertThat(connection.requestedName()).isEqualTo("rng.example.org");
    }

    @Test
    void reportsNoTlsIfTheServerRejectsAClientWithoutCertificate() throws Exception {
      FakeServer listening = listen();
      StreamClient started = start("127.0.0.1", listening, null);
      listening.shakesHandsInVain();
      assertThat(awaitReason(started)).contains("no-tls");
    }
  }

  @Nested
  class AServerThatDoesNotAnswerTheHandshake {

    @Test
    void stopsDuringAHandshakeThatTheServerDoesNotAnswer() throws Exception {
      FakeServer plain = new FakeServer();
      server = plain;
      StreamClient started = start("127.0.0.1", plain, pki.client("web-1"));
      Connection silent = plain.accept();

      CountDownLatch stopped = new CountDownLatch(1);
      started.stop(stopped::countDown);

      assertThat(stopped.await(1, TimeUnit.SECONDS)).as("stopped at once").isTrue();
      assertThat(silent.isClosedByClient()).isTrue();
    }
  }

  @Nested
  class AServerThatIsNotTrusted {

    @Test
    void rejectsAServerCertificateOfAnotherAuthority() throws Exception {
      Pki foreign = new Pki();
      FakeServer listening = listen(foreign.sockets(foreign.server()), _ -> {});
      StreamClient started = start("127.0.0.1", listening, pki.client("web-1"));
      listening.shakesHandsInVain();
      assertThat(awaitReason(started)).contains("no-tls: the other side is not trusted: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost"})
    void rejectsAServerCertificateForAnotherName(String host) throws Exception {
      X509Bundle elsewhere =
          pki.sign(
              Pki.builder("CN=localhost")
                  .addSanDnsName("rng.example.org")
                  .addSanIpAddress("192.0.2.1")
                  .addExtendedKeyUsageServerAuth());
      FakeServer listening = listen(pki.sockets(elsewhere), _ -> {});
      StreamClient started = start(host, listening, pki.client("web-1"));
      listening.shakesHandsInVain();
      assertThat(awaitReason(started)).contains("no-tls: the other side is not trusted: ", host);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rng.example.org", "192.0.2.1"})
    void rejectsACertificateForTheHostThatIsNotForTheServerName(String serverName)
        throws Exception {
      FakeServer listening = listen(pki.sockets(pki.server()), _ -> {});
      StreamClient started =
          start(
              "127.0.0.1",
              serverName,
              listening,
              pki.client("web-1"),
              KeyExchange.HYBRID_PREFERRED);
      listening.shakesHandsInVain();
      assertThat(awaitReason(started))
          .contains("no-tls: the other side is not trusted: ", serverName);
    }

    @Test
    void rejectsAServerThatPresentsAClientCertificate() throws Exception {
      X509Bundle posing =
          pki.sign(
              Pki.builder("CN=web-2").addSanDnsName("localhost").addExtendedKeyUsageClientAuth());
      FakeServer listening = listen(pki.sockets(posing), _ -> {});
      StreamClient started = start("localhost", listening, pki.client("web-1"));
      listening.shakesHandsInVain();
      assertThat(awaitReason(started)).contains("no-tls: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void rejectsAServerWithoutTheHybridGroupIfItIsRequired(String version) throws Exception {
      // given the JDK, whose TLS engine does not have the group
      FakeServer listening = listenWith(version);
      StreamClient started =
          start("127.0.0.1", null, listening, pki.client("web-1"), KeyExchange.HYBRID_REQUIRED);
      listening.shakesHandsInVain();
      assertThat(awaitReason(started)).contains("no-tls: ", "_ALERT_");
      assertThat(started.status().failures("no-tls")).isPositive();
    }

    @Test
    void rejectsAServerWithoutTls() throws Exception {
      FakeServer plain = new FakeServer();
      server = plain;
      StreamClient started = start("127.0.0.1", plain, pki.client("web-1"));
      plain.accept().closing(7, 0, "no frame");
      assertThat(awaitReason(started)).contains("no-tls: the other side does not speak TLS");
    }
  }

  @Nested
  class RenewedCertificates {

    private SslBundle bundle() throws Exception {
      // What is in the store does not matter, only that there is one.
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      return SslBundle.of(
          SslStoreBundle.of(keys, null, null),
          null,
          null,
          null,
          SslManagerBundle.of(Pki.keys(pki.client("web-1")), pki.trust()));
    }

    private StreamClient start(
        FakeServer listening, DefaultSslBundleRegistry bundles, KeyExchange keyExchange) {
      StreamProperties properties =
          new StreamProperties(
              List.of(listening.address()),
              "tester",
              new DataRate(0),
              DataRate.UNLIMITED,
              false,
              new StreamProperties.Tls("netrng", null, keyExchange),
              false,
              null,
              SinkKind.RNGD,
              StreamProperties.Combine.ONE);
      StreamClient started =
          new StreamConfiguration()
              .streamClient(properties, NoGuests.beside(feed), bundles, AuditLog.off());
      client = started;
      started.start();
      return started;
    }

    @Test
    void reconnectsAtOnceAfterTheCertificateIsRenewed() throws Exception {
      // given
      FakeServer listening = listen();
      DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("netrng", bundle());
      StreamClient waiting = start(listening, bundles, KeyExchange.HYBRID_PREFERRED);
      listening.greeted().closing(3, -1, "who are you?");
      assertThat(awaitReason(waiting)).contains("not-authorised");

      // when
      bundles.updateBundle("netrng", bundle());

      // then
      listening.greeted().welcome(SIZE, 64, 10_000);
    }

    @Test
    void stillRequiresTheHybridGroupAfterTheCertificateIsRenewed() throws Exception {
      // given
      FakeServer listening = listen();
      DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("netrng", bundle());
      StreamClient waiting = start(listening, bundles, KeyExchange.HYBRID_REQUIRED);
      listening.shakesHandsInVain();
      assertThat(awaitReason(waiting)).contains("no-tls");

      // when
      bundles.updateBundle("netrng", bundle());

      // then
      listening.shakesHandsInVain();
    }
  }
}
