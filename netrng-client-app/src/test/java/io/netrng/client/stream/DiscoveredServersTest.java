// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netrng.audit.AuditLog;
import io.netrng.client.discovery.FakeDns;
import io.netrng.client.discovery.ServerAddress;
import io.netrng.client.discovery.ServerEntry;
import io.netrng.client.discovery.SrvRecord;
import io.netrng.client.sink.FeedBuffers;
import io.netrng.client.sink.SinkKind;
import io.netrng.client.stream.FakeNetwork.Peer;
import io.netrng.protocol.CloseCode;
import io.netrng.tls.KeyExchange;
import io.netrng.unit.DataRate;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client with servers from SRV records, in virtual time and on one thread. */
class DiscoveredServersTest {

  private static final String NAME = "_netrng._tcp.example.org";
  private static final ServerEntry SRV = new ServerEntry.Srv(NAME);
  private static final long BEST_EFFORT = 0;
  private static final Duration TTL = Duration.ofMinutes(1);

  /** The addresses of servers are their names, so that tests read well. */
  private static final String ONE = "192.0.2.1";

  private static final String TWO = "192.0.2.2";
  private static final String FIXED = "192.0.2.9";

  private final FakeNetwork network = new FakeNetwork();
  private final FakeDns dns = network.names();
  private StreamClient client = client(SRV);

  private StreamClient client(ServerEntry... servers) {
    return client(false, servers);
  }

  private StreamClient client(boolean mdns, ServerEntry... servers) {
    return client(mdns, "rng.example.org", StreamProperties.Combine.ONE, servers);
  }

  private StreamClient client(
      boolean mdns,
      @Nullable String serverName,
      StreamProperties.Combine combine,
      ServerEntry... servers) {
    return new StreamClient(
        new StreamProperties(
            List.of(servers),
            "tester",
            new DataRate(0),
            new DataRate(1 << 20),
            true,
            new StreamProperties.Tls("netrng", serverName, KeyExchange.HYBRID_PREFERRED),
            mdns,
            null,
            SinkKind.RNGD,
            combine),
        FeedBuffers.open(4_000 * FakeNetwork.SIZE),
        StreamTimings.DEFAULT,
        network,
        new SystemResolver(
            host -> new InetAddress[] {InetAddress.ofLiteral(host)},
            StreamTimings.DEFAULT.lookup(),
            Runnable::run),
        new Random(1),
        AuditLog.off(),
        InstantSource.system());
  }

  private static SrvRecord server(int priority, String address) {
    return new SrvRecord(priority, 1, new ServerAddress(address, 8989));
  }

  private void start(ServerEntry... servers) {
    client = client(servers);
    client.start();
    network.run();
  }

  private void start(@Nullable String serverName, int combined, ServerEntry... servers) {
    client = client(false, serverName, new StreamProperties.Combine(combined, combined), servers);
    client.start();
    network.run();
  }

  private String searching() {
    assertThat(client.status().state()).isInstanceOf(StreamState.Searching.class);
    return ((StreamState.Searching) client.status().state()).why();
  }

  @AfterEach
  void close() {
    client.stop();
    network.run();
    network.close();
  }

  @Nested
  class AnAnswer {

    @Test
    void streamsFromTheServerWithTheLowestPriorityAndThenFromTheNext() {
      dns.found(NAME, TTL, server(20, TWO), server(10, ONE));
      start(SRV);
      network.accepted(ONE).refuse(CloseCode.CAPACITY, Duration.ofMinutes(5));
      network.accepted(TWO).welcome(BEST_EFFORT);
      assertThat(client.status().servers())
          .containsExactly(new ServerAddress(ONE, 8989), new ServerAddress(TWO, 8989));
    }

    @Test
    void theClientWaitsForTheFirstAnswerWithItsReasonAndStartsAtOnce() {
      // given
      dns.failed(NAME);
      start(SRV);
      assertThat(searching()).isEqualTo("srv:" + NAME + ": no name server answers");
      assertThat(network.hasAnother()).isFalse();

      // when
      dns.found(NAME, TTL, server(1, ONE));

      // then the pauses begin with one second
      assertThat(network.timeToNext(TTL)).isLessThanOrEqualTo(Duration.ofSeconds(1));
      network.accepted(ONE);
    }

    @Test
    void pausesAfterFailuresDoubleUpToHalfAMinute() {
      dns.failed(NAME);
      start(SRV);
      network.advance(Duration.ofSeconds(31));
      assertThat(dns.asked()).hasSize(6);
      network.advance(Duration.ofSeconds(64));
      assertThat(dns.asked()).hasSize(2);
    }

    @Test
    void anAddressBesideItIsOnlyUsedInItsOrder() {
      dns.found(NAME, TTL, server(1, ONE));
      start(SRV, new ServerAddress(FIXED, 8989));
      network.accepted(ONE).disconnect();
      network.accepted(FIXED);
    }

    @Test
    void anAddressBesideItIsUsedWhileNoNameServerAnswers() {
      dns.failed(NAME);
      start(SRV, new ServerAddress(FIXED, 8989));
      network.accepted(FIXED);
    }

    @Test
    void eachAddressIsContainedOnce() {
      dns.found(NAME, TTL, server(1, FIXED), server(2, FIXED), server(2, ONE));
      start(SRV, new ServerAddress(FIXED, 8989));
      assertThat(client.status().servers())
          .containsExactly(new ServerAddress(FIXED, 8989), new ServerAddress(ONE, 8989));
    }

    @Test
    void aTargetDoesNotHideAListedServerWithAnotherName() {
      // given
      dns.found(NAME, TTL, server(1, FIXED));
      start(null, 1, SRV, new ServerAddress(FIXED, 8989));

      // when
      Peer target = network.accepted(FIXED);
      assertThat(target.requestedName()).isEqualTo("example.org");
      target.disconnect();

      // then
      assertThat(network.accepted(FIXED).requestedName()).isEqualTo(FIXED);
      assertThat(client.status().servers()).containsExactly(new ServerAddress(FIXED, 8989));
    }

    @Test
    void aTargetWithTheNameOfAListedServerIsThatServer() {
      dns.found("_netrng._tcp." + FIXED, TTL, server(1, FIXED), server(2, ONE));
      start(null, 2, new ServerEntry.Srv("_netrng._tcp." + FIXED), new ServerAddress(FIXED, 8989));
      network.accepted(FIXED);
      network.accepted(ONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "rng.example.org"})
    void oneAnswerDoesNotSupplyAllStreamsWhileAListedServerIsUsable(String serverName) {
      // given
      dns.found(NAME, TTL, server(1, ONE), server(2, TWO));
      start(serverName.isEmpty() ? null : serverName, 2, SRV, new ServerAddress(FIXED, 8989));

      // then
      network.accepted(ONE).welcome(BEST_EFFORT);
      Peer fixed = network.accepted(FIXED).welcome(BEST_EFFORT);
      assertThat(network.hasAnother()).isFalse();

      // and when
      fixed.disconnect();
      network.accepted(TWO).welcome(BEST_EFFORT);

      // then one of the streams returns
      assertThat(network.timeToNext(Duration.ofMinutes(2)))
          .isGreaterThanOrEqualTo(StreamTimings.DEFAULT.failback());
      network.accepted(FIXED);
    }

    @Test
    void oneAnswerAloneSuppliesAllStreams() {
      dns.found(NAME, TTL, server(1, ONE), server(2, TWO));
      start(null, 2, SRV);
      network.accepted(ONE);
      network.accepted(TWO);
    }

    @Test
    void noMoreThan64ServersAreUsed() {
      SrvRecord[] records = new SrvRecord[100];
      for (int i = 0; i < records.length; i++) {
        records[i] = server(i, "192.0.2." + i);
      }
      dns.found(NAME, TTL, records);
      start(SRV);
      assertThat(client.status().servers())
          .hasSize(64)
          .endsWith(new ServerAddress("192.0.2.63", 8989));
    }
  }

  @Nested
  class ItsTimeToLive {

    private List<String> askedIn(Duration time) {
      network.advance(time);
      return dns.asked();
    }

    @Test
    void theClientAsksAgainWhenTheAnswerExpires() {
      dns.found(NAME, TTL, server(1, ONE));
      start(SRV);
      assertThat(dns.asked()).containsExactly(NAME);
      assertThat(askedIn(TTL.minusSeconds(1))).isEmpty();
      assertThat(askedIn(Duration.ofSeconds(2))).containsExactly(NAME);
    }

    @Test
    void aTtlBelowFiveSecondsIsFiveSeconds() {
      dns.found(NAME, Duration.ZERO, server(1, ONE));
      start(SRV);
      assertThat(dns.asked()).hasSize(1);
      assertThat(askedIn(Duration.ofMillis(4_900))).isEmpty();
      assertThat(askedIn(Duration.ofMillis(200))).hasSize(1);
    }

    @Test
    void aTtlAboveOneHourIsOneHour() {
      dns.none(NAME, Duration.ofDays(7));
      start(SRV);
      assertThat(dns.asked()).hasSize(1);
      assertThat(askedIn(Duration.ofMinutes(59))).isEmpty();
      assertThat(askedIn(Duration.ofMinutes(2))).hasSize(1);
    }

    @Test
    void aReloadAsksAtOnce() {
      dns.found(NAME, TTL, server(1, ONE));
      start(SRV);
      assertThat(dns.asked()).hasSize(1);
      client.retryNow();
      network.run();
      assertThat(dns.asked()).hasSize(1);
      assertThat(askedIn(TTL.plusSeconds(1))).hasSize(1);
    }
  }

  @Nested
  class AChangedAnswer {

    private Peer streaming() {
      dns.found(NAME, TTL, server(1, ONE));
      start(SRV);
      return network.accepted(ONE).welcome(BEST_EFFORT).sample();
    }

    @Test
    void theStreamOfAServerThatIsNoLongerContainedIsNotInterrupted() {
      // given
      Peer one = streaming();

      // when
      dns.none(NAME, TTL);
      network.advance(Duration.ofMinutes(5));

      // then
      assertThat(one.isOpen()).isTrue();
      assertThat(one.hasSaidBye()).isFalse();
      assertThat(client.status().state()).isInstanceOf(StreamState.Streaming.class);
      assertThat(client.status().servers()).isEmpty();

      // when
      one.disconnect();

      // then
      assertThat(searching()).isEqualTo("srv:" + NAME + ": no such name");
      assertThat(network.timeToNext(Duration.ofMinutes(5))).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void aServerThatIsContainedAgainIsNotTriedBesideItsStream() {
      Peer one = streaming();
      dns.none(NAME, TTL);
      network.advance(TTL.plusSeconds(1));
      dns.found(NAME, TTL, server(1, ONE));
      network.advance(Duration.ofMinutes(5));
      assertThat(client.status().servers()).containsExactly(new ServerAddress(ONE, 8989));
      assertThat(network.hasAnother()).isFalse();
      assertThat(one.isOpen()).isTrue();
    }

    @Test
    void theNextConnectionIsToTheNewServer() {
      Peer one = streaming();
      dns.found(NAME, TTL, server(1, TWO));
      network.advance(TTL.plusSeconds(1));
      assertThat(one.isOpen()).isTrue();
      one.disconnect();
      network.accepted(TWO);
    }

    @Test
    void theStreamReturnsToANewPreferredServerWithoutAGap() {
      // given
      Peer one = streaming();

      // when
      dns.found(NAME, TTL, server(2, ONE), server(1, TWO));
      assertThat(network.timeToNext(Duration.ofMinutes(4))).isLessThan(Duration.ofMinutes(4));

      // then
      Peer two = network.accepted(TWO).welcome(BEST_EFFORT);
      network.advance(StreamTimings.DEFAULT.proof());
      assertThat(one.isOpen()).isTrue();
      two.sample();
      assertThat(one.hasSaidBye()).isTrue();
    }

    @Test
    void aFailureKeepsTheLastAnswer() {
      Peer one = streaming();
      dns.failed(NAME);
      one.samples(Duration.ofMinutes(20));
      assertThat(client.status().servers()).containsExactly(new ServerAddress(ONE, 8989));
      one.disconnect();
      assertThat(network.timeToNext(TTL)).isLessThan(TTL);
      network.accepted(ONE);
    }

    @Test
    void aServerThatStaysKeepsItsPause() {
      // given
      dns.found(NAME, TTL, server(1, ONE));
      start(SRV);
      network.accepted(ONE).refuse(CloseCode.CAPACITY, Duration.ofMinutes(5));

      // when
      dns.found(NAME, TTL, server(1, ONE), server(2, TWO));
      network.advance(TTL.plusSeconds(1));

      // then the new server is tried at once, and the other one after its pause
      Peer two = network.accepted(TWO);
      two.refuse(CloseCode.CAPACITY, Duration.ofMinutes(30));
      assertThat(network.timeToNext(Duration.ofMinutes(10))).isGreaterThan(Duration.ofMinutes(3));
      network.accepted(ONE);
    }

    @Test
    void aServerThatAppearsIsTriedAtOnce() {
      dns.none(NAME, Duration.ofSeconds(30));
      start(SRV);
      assertThat(searching()).isEqualTo("srv:" + NAME + ": no such name");
      dns.found(NAME, TTL, server(1, ONE));
      assertThat(network.timeToNext(TTL)).isEqualTo(Duration.ofSeconds(30));
    }
  }

  @Nested
  class Auto {

    private static final ServerEntry AUTO = new ServerEntry.Auto();

    private void start(boolean mdns) {
      client = client(mdns, AUTO);
      client.start();
      network.run();
    }

    @Test
    void usesTheFirstSearchDomainWithServers() {
      dns.searchDomains("one.example.org", "two.example.org", "three.example.org");
      dns.none("_netrng._tcp.one.example.org", TTL);
      dns.found("_netrng._tcp.two.example.org", TTL, server(1, TWO));
      start(false);
      network.accepted(TWO);
      assertThat(dns.asked())
          .containsExactly("_netrng._tcp.one.example.org", "_netrng._tcp.two.example.org");
    }

    @Test
    void aDomainThatCannotBeAskedDoesNotHideTheNext() {
      dns.searchDomains("one.example.org", "two.example.org");
      dns.failed("_netrng._tcp.one.example.org");
      dns.found("_netrng._tcp.two.example.org", TTL, server(1, TWO));
      start(false);
      network.accepted(TWO);
    }

    @Test
    void aDomainThatCannotBeAskedKeepsTheLastAnswer() {
      dns.searchDomains("one.example.org", "two.example.org");
      dns.found("_netrng._tcp.one.example.org", TTL, server(1, ONE));
      start(false);
      network.accepted(ONE).welcome(BEST_EFFORT);
      dns.failed("_netrng._tcp.one.example.org");
      dns.none("_netrng._tcp.two.example.org", TTL);
      network.advance(TTL.plusSeconds(1));
      assertThat(client.status().servers()).containsExactly(new ServerAddress(ONE, 8989));
    }

    @Test
    void withoutSearchDomainThatIsTheReason() {
      start(false);
      assertThat(searching()).isEqualTo("auto: this machine has no search domain");
      assertThat(network.announcements().isRunning()).isFalse();
    }

    @Test
    void usesTheLocalNetworkIfDnsHasNoServersAndItIsAllowed() {
      dns.searchDomains("one.example.org");
      dns.none("_netrng._tcp.one.example.org", TTL);
      start(true);
      network.announcements().announce("rng", server(0, ONE));
      network.accepted(ONE);
    }

    @Test
    void prefersDnsOnceItHasServers() {
      start(true);
      network.announcements().announce("rng", server(0, ONE));
      Peer one = network.accepted(ONE);
      dns.searchDomains("one.example.org");
      dns.found("_netrng._tcp.one.example.org", TTL, server(1, TWO));
      network.advance(TTL);
      one.disconnect();
      network.accepted(TWO);
    }

    @Test
    void doesNotBrowseWhileDnsHasServers() {
      dns.searchDomains("one.example.org");
      dns.found("_netrng._tcp.one.example.org", TTL, server(1, ONE));
      start(true);
      network.accepted(ONE);
      assertThat(network.announcements().starts()).isZero();
    }
  }

  @Nested
  class TheLocalNetwork {

    private static final ServerEntry MDNS = new ServerEntry.Mdns();

    @Test
    void anAnnouncedServerIsUsedAtOnceAndForgottenOnceWithdrawn() {
      // given
      start(MDNS);
      assertThat(searching()).isEqualTo("mdns: no server has answered yet");

      // when
      network.announcements().announce("rng", server(0, ONE));

      // then
      Peer one = network.accepted(ONE).welcome(BEST_EFFORT);

      // and when
      network.announcements().withdraw("rng");
      network.run();

      // then
      assertThat(one.isOpen()).isTrue();
      assertThat(client.status().servers()).isEmpty();
      one.disconnect();
      assertThat(searching()).isEqualTo("mdns: no server is announced any more");
    }

    @Test
    void theNextEntryIsUsedIfNoServerAnswersForThreeSeconds() {
      start(MDNS, new ServerAddress(FIXED, 8989));
      assertThat(network.timeToNext(TTL)).isEqualTo(Duration.ofSeconds(3));
      network.accepted(FIXED);
    }

    @Test
    void aFailureIsTheReasonAndIsRetried() {
      start(MDNS);
      network.announcements().fail("no network");
      network.run();
      assertThat(searching()).isEqualTo("mdns: no network");
      network.advance(Duration.ofSeconds(10));
      assertThat(network.announcements().starts()).isEqualTo(2);
      network.announcements().announce("rng", server(0, ONE));
      network.accepted(ONE);
    }

    @Test
    void theInterfaceIsCheckedEveryTenSeconds() {
      start(MDNS);
      network.announcements().announce("rng", server(0, ONE));
      network.advance(Duration.ofMinutes(1));
      assertThat(network.announcements().checks()).isEqualTo(5);
    }

    @Test
    void theServersOfAnotherInterfaceReplaceThoseOfBefore() {
      // given
      start(MDNS);
      network.announcements().announce("rng", server(0, ONE));
      Peer one = network.accepted(ONE).welcome(BEST_EFFORT);

      // when
      network.announcements().fail("the default route now uses the address 192.0.2.8");
      network.run();
      network.advance(Duration.ofSeconds(10));
      assertThat(client.status().servers()).containsExactly(new ServerAddress(ONE, 8989));
      network.announcements().announce("other", server(0, TWO));
      network.run();

      // then
      assertThat(client.status().servers()).containsExactly(new ServerAddress(TWO, 8989));
      assertThat(one.isOpen()).isTrue();
    }

    @Test
    void theServersAreRemovedIfAnotherInterfaceHasNone() {
      start(MDNS);
      network.announcements().announce("rng", server(0, ONE));
      network.accepted(ONE).welcome(BEST_EFFORT);
      network.announcements().fail("the default route now uses the address 192.0.2.8");
      network.run();
      network.advance(Duration.ofSeconds(13));
      assertThat(client.status().servers()).isEmpty();
    }

    @Test
    void aFloodOfServicesIsLimited() {
      start(MDNS);
      for (int i = 0; i < 200; i++) {
        network.announcements().announce("rng-" + i, server(0, "192.0.2." + i), server(0, ONE));
      }
      network.run();
      assertThat(client.status().servers()).hasSize(64);
    }

    @Test
    void stopsToBrowseWithTheClient() {
      start(MDNS);
      assertThat(network.announcements().isRunning()).isTrue();
      client.stop();
      network.run();
      assertThat(network.announcements().isRunning()).isFalse();
    }
  }

  @Test
  void asksNothingAfterTheStop() {
    dns.found(NAME, TTL, server(1, ONE));
    start(SRV);
    client.stop();
    network.run();
    dns.asked();
    network.advance(Duration.ofHours(3));
    assertThat(dns.asked()).isEmpty();
  }
}
