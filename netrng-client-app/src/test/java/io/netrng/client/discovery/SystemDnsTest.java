// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import static io.netrng.client.discovery.FakeNameServer.NOERROR;
import static io.netrng.client.discovery.FakeNameServer.NXDOMAIN;
import static io.netrng.client.discovery.FakeNameServer.SERVFAIL;
import static io.netrng.client.discovery.FakeNameServer.srv;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookups at name servers on loopback. */
class SystemDnsTest {

  private static final String NAME = "_netrng._tcp.example.org";

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  private SrvAnswer lookUp(SystemDns.Configuration configuration) throws Exception {
    SystemDns dns =
        new SystemDns(
            group.next(),
            NioDatagramChannel.class,
            NioSocketChannel.class,
            configuration,
            Duration.ofMillis(500));
    CompletableFuture<SrvAnswer> answer = new CompletableFuture<>();
    group.execute(() -> dns.lookUp(NAME, answer::complete));
    return answer.get(20, TimeUnit.SECONDS);
  }

  private SrvAnswer lookUp(FakeNameServer... servers) throws Exception {
    List<InetSocketAddress> addresses =
        Stream.of(servers).map(FakeNameServer::start).map(FakeNameServer::address).toList();
    return lookUp(() -> new ResolvConf(addresses, List.of()));
  }

  @AfterEach
  void stop() {
    group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @Test
  void readsAllRecordsWithTheShortestTtl() throws Exception {
    try (FakeNameServer server =
        FakeNameServer.of(
            NOERROR,
            srv(300, 10, 60, 8989, "rng-1.example.org"),
            srv(200, 20, 65_535, 65_535, "rng-2.example.org"))) {
      assertThat(lookUp(server))
          .isEqualTo(
              new SrvAnswer.Found(
                  List.of(
                      new SrvRecord(10, 60, new ServerAddress("rng-1.example.org", 8989)),
                      new SrvRecord(20, 65_535, new ServerAddress("rng-2.example.org", 65_535))),
                  Duration.ofSeconds(200)));
      assertThat(server.questions()).containsExactly("udp " + NAME);
    }
  }

  @Test
  void aTargetOfADotIsNoService() throws Exception {
    try (FakeNameServer server = FakeNameServer.of(NOERROR, srv(77, 0, 0, 0, ""))) {
      assertThat(lookUp(server))
          .isEqualTo(
              new SrvAnswer.None("no SRV record has a usable target", Duration.ofSeconds(77)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b.example.org", "a\n.example.org", "\u00e9.example.org", "a\"b"})
  void ignoresATargetThatIsNotAHostName(String target) throws Exception {
    try (FakeNameServer server =
        FakeNameServer.of(
            NOERROR,
            srv(60, 1, 1, 8989, target),
            srv(60, 1, 1, 0, "no-port.example.org"),
            srv(60, 2, 1, 8989, "rng.example.org"))) {
      assertThat(lookUp(server))
          .isEqualTo(
              new SrvAnswer.Found(
                  List.of(new SrvRecord(2, 1, new ServerAddress("rng.example.org", 8989))),
                  Duration.ofSeconds(60)));
    }
  }

  @Test
  void aNameThatDoesNotExistIsNegativeForTheMinimumOfTheZone() throws Exception {
    try (FakeNameServer server = FakeNameServer.negative(NXDOMAIN, 900, 120)) {
      assertThat(lookUp(server))
          .isEqualTo(new SrvAnswer.None("no such name", Duration.ofMinutes(2)));
    }
  }

  @Test
  void aNameWithoutSrvRecordIsNegativeForTheTtlOfTheAnswer() throws Exception {
    try (FakeNameServer server = FakeNameServer.negative(NOERROR, 50, 120)) {
      assertThat(lookUp(server))
          .isEqualTo(new SrvAnswer.None("no SRV record", Duration.ofSeconds(50)));
    }
  }

  @Test
  void aNegativeAnswerWithoutSoaIsValidForHalfAMinute() throws Exception {
    try (FakeNameServer server = FakeNameServer.of(NXDOMAIN)) {
      assertThat(lookUp(server))
          .isEqualTo(new SrvAnswer.None("no such name", Duration.ofSeconds(30)));
    }
  }

  @Test
  void asksTheNextNameServerAfterAFailureASilentOneAndAMalformedAnswer() throws Exception {
    try (FakeNameServer failing = FakeNameServer.of(SERVFAIL);
        FakeNameServer silent = FakeNameServer.of(NOERROR).silent();
        FakeNameServer malformed = FakeNameServer.of(NOERROR, FakeNameServer.malformed());
        FakeNameServer working = FakeNameServer.of(NOERROR, srv(60, 1, 1, 8989, "rng.lan"))) {
      assertThat(lookUp(failing, silent, malformed, working)).isInstanceOf(SrvAnswer.Found.class);
      assertThat(silent.questions()).hasSize(1);
      assertThat(malformed.questions()).hasSize(1);
    }
  }

  @Test
  void doesNotAskTheNextNameServerAfterANegativeAnswer() throws Exception {
    try (FakeNameServer negative = FakeNameServer.of(NXDOMAIN);
        FakeNameServer other = FakeNameServer.of(NOERROR, srv(60, 1, 1, 8989, "rng.lan"))) {
      assertThat(lookUp(negative, other)).isInstanceOf(SrvAnswer.None.class);
      assertThat(other.questions()).isEmpty();
    }
  }

  @Test
  void reportsWhyTheLastNameServerFailed() throws Exception {
    try (FakeNameServer failing = FakeNameServer.of(SERVFAIL)) {
      assertThat(lookUp(failing))
          .isInstanceOfSatisfying(
              SrvAnswer.Failed.class,
              failed -> assertThat(failed.reason()).contains("127.0.0.1", "ServFail"));
    }
  }

  @Test
  void requestsATruncatedAnswerAgainOverTcp() throws Exception {
    try (FakeNameServer server =
        FakeNameServer.of(NOERROR, srv(60, 1, 1, 8989, "rng.lan")).truncated()) {
      assertThat(lookUp(server)).isInstanceOf(SrvAnswer.Found.class);
      assertThat(server.questions()).containsExactly("udp " + NAME, "tcp " + NAME);
    }
  }

  @Test
  void asksNoPublicNameServerIfTheSystemHasNone() throws Exception {
    assertThat(lookUp(() -> new ResolvConf(List.of(), List.of())))
        .isEqualTo(new SrvAnswer.Failed("/etc/resolv.conf names no name server"));
  }

  @Test
  void reportsAFileThatCannotBeRead() throws Exception {
    assertThat(
            lookUp(() -> {
              throw new IOException("no such file");
            }))
        .isEqualTo(new SrvAnswer.Failed("java.io.IOException: no such file"));
  }
}
