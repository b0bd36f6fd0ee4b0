// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.netrng.protocol.CloseCode;
import io.netrng.server.security.ClientAuthenticator;
import io.netrng.server.security.LimitsProperties;
import io.netrng.server.security.SecurityProperties;
import io.netrng.server.security.TransportSecurity;
import io.netrng.server.session.SessionProperties.ClientPolicy;
import io.netrng.testing.Pki;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import io.netrng.tls.KeyExchange;
import io.netrng.tls.Negotiated;
import io.netrng.tls.TlsContexts;
import io.netrng.tls.TlsFailure;
import io.netrng.unit.DataRate;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Raw sockets with the JDK's TLS, connected to the server. */
@Tag("slow")
@ExtendWith(OutputCaptureExtension.class)
class StreamServerTlsTest {

  private static final int SIZE = TestServer.SAMPLE_SIZE;

  private final Pki pki = new Pki();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final AtomicReference<SslContext> tls = new AtomicReference<>(context(pki));

  private static SslContext context(Pki pki) {
    return context(pki, KeyExchange.HYBRID_PREFERRED);
  }

  private static SslContext context(Pki pki, KeyExchange keyExchange) {
    try {
      return TlsContexts.ofServer(Pki.keys(pki.server()), pki.trust(), null, keyExchange);
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private TestServer start(List<String> denied, ClientPolicy... clients) {
    return start(TestServer.limits(), denied, clients);
  }

  private TestServer start(LimitsProperties limits, List<String> denied, ClientPolicy... clients) {
    SecurityProperties properties =
        new SecurityProperties(
            false,
            denied,
            new SecurityProperties.Tls("netrng", "need", KeyExchange.HYBRID_PREFERRED));
    return TestServer.start(
        new TransportSecurity(properties, limits, () -> Objects.requireNonNull(tls.get())),
        new ClientAuthenticator(properties, now::get),
        limits,
        clients);
  }

  private static SSLSocket socket(TestServer server, SSLContext context) throws IOException {
    return (SSLSocket)
        context
            .getSocketFactory()
            .createSocket(server.address().getAddress(), server.address().getPort());
  }

  private RawClient connect(TestServer server, @Nullable X509Bundle certificate)
      throws IOException {
    return new RawClient(socket(server, pki.sockets(certificate)));
  }

  private RawClient connect(TestServer server, String name) throws IOException {
    return connect(server, pki.client(name));
  }

  @Nested
  class TrustedCertificates {

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void sendsSamplesOverTls13AndTls12(String version) throws Exception {
      try (TestServer server = start(List.of())) {
        // given
        SSLSocket socket = socket(server, pki.sockets(pki.client("web-1")));
        socket.setEnabledProtocols(new String[] {version});
        try (RawClient client = new RawClient(socket)) {

          // when
          client.join("label");
          client.request(200);

          // then
          for (int i = 0; i < 200; i++) {
            ByteBuffer entropy = client.sample().entropy();
            assertThat(entropy.remaining()).isEqualTo(SIZE);
            assertThat(entropy.mismatch(ByteBuffer.allocate(SIZE))).isBetween(0, 7);
          }
          assertThat(client.ping(1).read()).isEqualTo(new Message.Pong(1));
          assertThat(socket.getSession().getProtocol()).isEqualTo(version);
          assertThat(server.session("label").identity().name()).isEqualTo("web-1");
          assertThat(server.session("label").tls())
              .contains(new Negotiated(version, socket.getSession().getCipherSuite(), "X25519"));
          await("all bytes are counted").until(() -> server.sessions().delivered() == 200L * SIZE);
        }
      }
    }

    @Test
    void admitsAClientThatOffersAnotherApplicationProtocolOrNone() throws Exception {
      try (TestServer server = start(List.of())) {
        for (String offered : List.of("netrng/1", "h2", "")) {
          SSLSocket socket = socket(server, pki.sockets(pki.client("web-1")));
          SSLParameters parameters = socket.getSSLParameters();
          parameters.setApplicationProtocols(
              offered.isEmpty() ? new String[0] : new String[] {offered});
          socket.setSSLParameters(parameters);
          try (RawClient client = new RawClient(socket)) {
            client.join("a");
            assertThat(socket.getApplicationProtocol())
                .isEqualTo(offered.equals(TlsContexts.PROTOCOL) ? offered : "");
          }
        }
      }
    }

    @Test
    void appliesThePolicyOfTheCertificateNameWhateverTheLabelIs() throws Exception {
      try (TestServer server =
              start(List.of(), new ClientPolicy("web-1", new DataRate(77), null, 1));
          RawClient client = connect(server, "web-1");
          RawClient another = connect(server, "web-1");
          RawClient unauthenticated = connect(server, "web-2")) {
        assertThat(client.join("a").guarantee()).isEqualTo(77);
        another.hello(0, "b");
        assertThat(another.closed().code()).isEqualTo(CloseCode.TOO_MANY_CONNECTIONS.code());
        assertThat(unauthenticated.join("web-1").guarantee()).isEqualTo(TestServer.GUARANTEE);
      }
    }

    @Test
    void appliesPoliciesLimitsAndHoldsToASpiffeId() throws Exception {
      String id = "spiffe://example.org/ns/entropy/sa/web-1";
      try (TestServer server =
              start(
                  List.of("spiffe://example.org/ns/entropy/sa/denied"),
                  new ClientPolicy("spiffe://example.org/ns/*", new DataRate(66), null, null),
                  new ClientPolicy(id, new DataRate(77), null, 1));
          RawClient exact = connect(server, svid(id));
          RawClient second = connect(server, svid(id));
          RawClient pattern = connect(server, svid(id + "0"));
          RawClient elsewhere = connect(server, svid("spiffe://example.com/ns/entropy/sa/web-1"));
          RawClient denied = connect(server, svid("spiffe://example.org/ns/entropy/sa/denied"))) {
        assertThat(exact.join("a").guarantee()).isEqualTo(77);
        assertThat(server.session("a").identity().name()).isEqualTo(id);
        second.hello(0, "b");
        assertThat(second.closed().code()).isEqualTo(CloseCode.TOO_MANY_CONNECTIONS.code());
        assertThat(pattern.join("c").guarantee()).isEqualTo(66);
        assertThat(elsewhere.join("d").guarantee()).isEqualTo(TestServer.GUARANTEE);
        denied.hello(0, "e");
        assertThat(denied.closed().reason())
            .isEqualTo("spiffe://example.org/ns/entropy/sa/denied is denied: netrng.server.denied");

        // and when the client is kicked with a hold
        server.sessions().kick(server.session("c"), Duration.ofMinutes(1));
        assertThat(pattern.closed().code()).isEqualTo(CloseCode.KICKED.code());
        try (RawClient again = connect(server, svid(id + "0"))) {
          again.hello(0, "c");
          assertThat(again.closed().code()).isEqualTo(CloseCode.KICKED.code());
        }
      }
    }

    private X509Bundle svid(String id) throws Exception {
      return pki.sign(
          Pki.builder("O=SPIRE")
              .addSanUriName(id)
              .addExtendedKeyUsageServerAuth()
              .addExtendedKeyUsageClientAuth());
    }

    @Test
    void sendsCloseWithTheReasonToADeniedClientAndEndsTheStreamInOrder() throws Exception {
      try (TestServer server = start(List.of("web-1"));
          RawClient denied = connect(server, "web-1");
          RawClient other = connect(server, "web-2")) {
        denied.hello(0, "web-2");
        Message.Close close = denied.closed();
        assertThat(close.code()).isEqualTo(CloseCode.NOT_AUTHORISED.code());
        assertThat(close.retryAfter()).isEqualTo(0xffff_ffffL);
        assertThat(close.reason()).isEqualTo("web-1 is denied: netrng.server.denied");
        other.join("web-1");
      }
    }

    @Test
    void refusesAClientWhoseCertificateHasNoValidName() throws Exception {
      try (TestServer server = start(List.of());
          RawClient client = connect(server, "Jane Doe")) {
        client.hello(0, "web-1");
        Message.Close close = client.closed();
        assertThat(close.code()).isEqualTo(CloseCode.NOT_AUTHORISED.code());
        assertThat(close.reason()).contains("names nobody");
      }
    }
  }

  @Nested
  class ResumedTlsSessions {

    private final SSLContext context = pki.sockets(pki.client("web-1"));

    /** Connects with the session of the connection before, which contains the certificate. */
    private RawClient resume(TestServer server, byte[] sessionId) throws IOException {
      SSLSocket socket = connect(server);
      assertThat(socket.getSession().getId()).as("the resumed session").isEqualTo(sessionId);
      return new RawClient(socket);
    }

    private SSLSocket connect(TestServer server) throws IOException {
      SSLSocket socket = socket(server, context);
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      return socket;
    }

    private byte[] joinOnce(TestServer server) throws IOException {
      SSLSocket socket = connect(server);
      try (RawClient client = new RawClient(socket)) {
        client.join("a");
      }
      return socket.getSession().getId();
    }

    private void isRefused(RawClient resumed, String reason) throws IOException {
      resumed.hello(0, "a");
      Message.Close close = resumed.closed();
      assertThat(close.code()).isEqualTo(CloseCode.NOT_AUTHORISED.code());
      assertThat(close.reason()).startsWith(reason);
    }

    @Test
    void refusesACertificateThatHasExpiredMeanwhile() throws Exception {
      try (TestServer server = start(List.of())) {
        // given
        byte[] session = joinOnce(server);
        try (RawClient resumed = resume(server, session)) {
          resumed.join("a");
        }

        // when
        now.set(Instant.now().plus(Duration.ofDays(20_000)));

        // then
        try (RawClient resumed = resume(server, session)) {
          isRefused(resumed, "the certificate of web-1 expired at ");
        }
      }
    }

    /** BoringSSL resumes no session of TLS 1.3; the JDK's engine does. */
    @Test
    void refusesAnExpiredCertificateAlsoWithTheJdksEngineAndTls13() throws Exception {
      tls.set(
          SslContextBuilder.forServer(Pki.keys(pki.server()))
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3")
              .trustManager(pki.trust())
              .clientAuth(ClientAuth.REQUIRE)
              .build());
      try (TestServer server = start(List.of())) {
        // given
        SSLSocket first = socket(server, context);
        try (RawClient client = new RawClient(first)) {
          client.join("a");
        }

        // when
        now.set(Instant.now().plus(Duration.ofDays(20_000)));

        // then
        SSLSocket second = socket(server, context);
        try (RawClient resumed = new RawClient(second)) {
          isRefused(resumed, "the certificate of web-1 expired at ");
          assertThat(second.getSession().getCreationTime())
              .as("the time of the session that was resumed")
              .isEqualTo(first.getSession().getCreationTime());
        }
      }
    }

    @Test
    void refusesAClientThatWasDeniedMeanwhile() throws Exception {
      try (TestServer server = start(List.of())) {
        // given
        byte[] session = joinOnce(server);

        // when
        server.authenticator().deny(List.of("web-1"));

        // then
        try (RawClient resumed = resume(server, session)) {
          isRefused(resumed, "web-1 is denied");
        }
      }
    }
  }

  @Nested
  class FailedHandshakes {

    private void isRefused(TestServer server, SSLContext context) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> {
            try (RawClient client = new RawClient(socket(server, context))) {
              client.hello(0, "a");
              assertThat(client.read()).isEqualTo(new Message.End());
              throw new IOException("closed without an alert");
            }
          });
      assertThat(server.events()).isEmpty();
    }

    private void isCounted(TestServer server, TlsFailure.Kind kind) {
      await("the failure is counted once")
          .untilAsserted(() ->
              assertThat(TlsFailure.Kind.values())
                  .allSatisfy(any ->
                      assertThat(server.security().handshakesFailed(any))
                          .as(any.externalName())
                          .isEqualTo(any == kind ? 1 : 0)));
    }

    @Test
    void refusesAClientWithoutACertificateAndCountsTheFailure() throws Exception {
      try (TestServer server = start(List.of())) {
        isRefused(server, pki.sockets(null));
        isCounted(server, TlsFailure.Kind.NO_CERTIFICATE);
      }
    }

    @Test
    void refusesACertificateOfAnotherAuthorityAndCountsTheFailure() throws Exception {
      try (TestServer server = start(List.of())) {
        X509Bundle foreign = new Pki().client("web-1");
        isRefused(server, pki.sockets(foreign));
        isCounted(server, TlsFailure.Kind.UNTRUSTED);
      }
    }

    @Test
    void refusesAServerCertificateFromAClientAndCountsTheFailure() throws Exception {
      try (TestServer server = start(List.of())) {
        isRefused(server, pki.sockets(pki.server()));
        isCounted(server, TlsFailure.Kind.UNTRUSTED);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void refusesAClientWithoutTheHybridGroupIfItIsRequired(String version, CapturedOutput output)
        throws Exception {
      // given the JDK, whose TLS engine does not have the group
      tls.set(context(pki, KeyExchange.HYBRID_REQUIRED));
      try (TestServer server = start(List.of())) {
        SSLSocket socket = socket(server, pki.sockets(pki.client("web-1")));
        socket.setEnabledProtocols(new String[] {version});

        // then
        assertThatExceptionOfType(SSLException.class)
            .isThrownBy(() -> new RawClient(socket).hello(0, "a"));
        isCounted(server, TlsFailure.Kind.PROTOCOL);
        await("the server logs the reason")
            .untilAsserted(() ->
                assertThat(output)
                    .contains(
                        "TLS handshake failed",
                        version.equals("TLSv1.3") ? "NO_SHARED_GROUP" : "UNSUPPORTED_PROTOCOL"));
        assertThat(server.events()).isEmpty();
      }
    }

    @Test
    void refusesPlainTcpAndCountsTheFailure() throws Exception {
      try (TestServer server = start(List.of());
          RawClient client = server.connect()) {
        client.hello(0, "a");
        assertThat(client.read()).isEqualTo(new Message.End());
        isCounted(server, TlsFailure.Kind.NOT_TLS);
      }
    }

    @Test
    void countsAHandshakeThatTheClientAbortsWithAnAlert() throws Exception {
      try (TestServer server = start(List.of())) {
        assertThatExceptionOfType(SSLException.class)
            .isThrownBy(() -> new RawClient(socket(server, new Pki().sockets(null))).hello(0, "a"));
        isCounted(server, TlsFailure.Kind.ALERT);
      }
    }

    @Test
    void countsAHandshakeThatTheClientAbortsByDisconnecting() throws Exception {
      try (TestServer server = start(List.of());
          RawClient client = server.connect()) {
        // given a client that has sent its first message and received the first byte of the
        // response
        client.raw(firstMessage());
        assertThat(client.readByte()).isNotNegative();

        // when
        client.disconnect();

        // then
        isCounted(server, TlsFailure.Kind.CLOSED);
      }
    }

    @Test
    void rejectsATooLongClientHelloAndLogsTheReason(CapturedOutput output) throws Exception {
      try (TestServer server = start(List.of());
          RawClient client = server.connect()) {
        // a record of a handshake with the header of a ClientHello of 65,537 bytes
        client.raw(new byte[] {22, 3, 1, 0, 4, 1, 1, 0, 1});
        isCounted(server, TlsFailure.Kind.PROTOCOL);
        await("the server logs the failure")
            .untilAsserted(() ->
                assertThat(output)
                    .contains("TLS handshake failed", "reason=\"ClientHello length exceeds"));
        server.awaitNobody();
      }
    }

    @Test
    void closesAnIncompleteHandshakeAtTheConfiguredTimeout() throws Exception {
      try (TestServer server = start(TestServer.limits("handshake-timeout", "300ms"), List.of());
          RawClient client = server.connect()) {
        client.raw(firstMessage());
        isCounted(server, TlsFailure.Kind.TIMEOUT);
        server.awaitNobody();
      }
    }

    /** Returns the first message of a client's handshake. */
    private byte[] firstMessage() throws IOException {
      SSLEngine engine = pki.sockets(null).createSSLEngine();
      engine.setUseClientMode(true);
      ByteBuffer message = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), message);
      return Arrays.copyOf(message.array(), message.position());
    }

    @Test
    void closesAConnectionWithoutAHandshakeAtTheDefaultTimeout() throws Exception {
      try (TestServer server = start(List.of());
          Socket silent = new Socket(server.address().getAddress(), server.address().getPort())) {
        silent.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
        long since = System.nanoTime();
        assertThat(silent.getInputStream().read()).isNegative();
        assertThat(Duration.ofNanos(System.nanoTime() - since))
            .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
        isCounted(server, TlsFailure.Kind.TIMEOUT);
      }
    }
  }

  @Nested
  class ConnectionsPerAddress {

    private final LimitsProperties one =
        TestServer.limits("connections-per-address", "1", "handshake-timeout", "1m");

    @Test
    void countsConnectionsBeforeTheHandshakeAndSendsCloseInsideTls() throws Exception {
      try (TestServer server = start(one, List.of());
          RawClient _ = server.connect()) {
        // given a client that never begins its handshake
        await("the connection is counted")
            .until(() -> server.listeners().addressLimiter().connections() == 1);

        // when
        try (RawClient refused = connect(server, "web-1")) {
          Message.Close close = refused.closed();

          // then
          assertThat(close.code()).isEqualTo(CloseCode.TOO_MANY_CONNECTIONS.code());
          assertThat(close.reason()).startsWith("1 of 1 connections from this address");
        }
      }
    }

    @Test
    void dropsConnectionsAboveTwiceTheLimitBeforeTheHandshake() throws Exception {
      try (TestServer server = start(one, List.of());
          RawClient _ = server.connect();
          RawClient _ = server.connect()) {
        await("both failures are counted")
            .until(() -> server.listeners().addressLimiter().connections() == 2);
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> connect(server, "web-1").join("a"));
        assertThat(server.listeners().addressLimiter().connections()).isEqualTo(2);
      }
    }
  }

  @Nested
  class WhenTheCertificatesChange {

    @Test
    void newHandshakesUseReloadedCertificatesAndSessionsStayConnected() throws Exception {
      try (TestServer server = start(List.of());
          RawClient before = connect(server, "web-1")) {
        // given
        before.join("before");

        // when another authority replaces the first
        Pki next = new Pki();
        tls.set(context(next));

        // then
        SSLContext context = next.sockets(next.client("web-2"));
        try (RawClient after = new RawClient(socket(server, context))) {
          after.join("after");
        }
        assertThatExceptionOfType(SSLException.class)
            .isThrownBy(() -> connect(server, "web-1").join("again"));
        before.request(3);
        assertThat(before.sample().entropy().remaining()).isEqualTo(SIZE);
      }
    }
  }

  @Test
  void usesBoringSslWhereItIsAvailable() {
    assertThat(OpenSsl.isAvailable())
        .isEqualTo(context(pki).getClass().getSimpleName().contains("OpenSsl"));
  }
}
