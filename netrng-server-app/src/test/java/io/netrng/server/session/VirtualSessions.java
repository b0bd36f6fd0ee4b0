// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.audit.AuditLog;
import io.netrng.server.distribution.Distributor;
import io.netrng.server.security.ClientAuthenticator;
import io.netrng.server.security.LimitsProperties;
import io.netrng.server.source.Source;
import io.netrng.server.source.Source.Availability;
import io.netrng.server.source.Sources;
import io.netrng.unit.DataRate;
import io.netrng.unit.Percentage;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The sessions of a server in virtual time. The test releases the samples. */
public final class VirtualSessions {

  private static final double CAPACITY = 15_000;

  /** Without caches, so that the active buffers are those that were not released. */
  private static final PooledByteBufAllocator memory =
      new PooledByteBufAllocator(true, 1, 1, 8_192, 3, 0, 0, false);

  private final long buffersBefore = activeBuffers();
  private final MockTicker ticker = Ticker.newMockTicker();
  private final LimitsProperties limits = TestServer.limits();
  private final ClientAuthenticator authenticator = new ClientAuthenticator(TestServer.SECURITY);
  private final List<SessionEvent> events = new ArrayList<>();
  private final SessionProperties properties;
  private final Source source;
  private final Distributor distributor;
  private final Admission admission;
  private final SessionRegistry sessions;
  private Availability availability = new Availability.Available();

  /**
   * Creates sessions that nobody has joined.
   *
   * @param memoryOfAll the maximum of the samples that are handed out, in bytes
   */
  public VirtualSessions(
      int sampleSize,
      long memoryOfAll,
      int maxClients,
      Duration keepalive,
      List<SessionProperties.ClientPolicy> policies) {
    properties =
        new SessionProperties(
            "127.0.0.1",
            0,
            maxClients,
            new DataRate(TestServer.GUARANTEE),
            null,
            Percentage.valueOf("10%"),
            policies,
            keepalive);
    source = Sources.source(sampleSize, Path.of("/none"));
    distributor =
        new Distributor(
            source.stream(), ticker::nanoTime, limits.writeBuffer().toBytes(), memoryOfAll, 100);
    admission =
        new Admission(
            properties,
            () -> availability,
            () -> CAPACITY,
            () -> {},
            ticker::nanoTime,
            new Random(1));
    sessions =
        new SessionRegistry(
            properties,
            limits,
            source,
            distributor,
            authenticator,
            admission,
            event -> events.add((SessionEvent) event),
            AuditLog.off());
  }

  /** Returns a listener of the stream that has not started. */
  StreamServer listener() {
    return TestServer.listener(
        properties,
        limits,
        TestServer.security(TestServer.SECURITY),
        sessions,
        new TcpListeners(limits, admission, new EventLoops()),
        distributor,
        source);
  }

  /** Returns the server's end of a connection, which is not registered yet. */
  public FuzzedChannel channel() {
    return new FuzzedChannel(ticker, memory);
  }

  public MockTicker ticker() {
    return ticker;
  }

  public SessionRegistry registry() {
    return sessions;
  }

  public ClientAuthenticator authenticator() {
    return authenticator;
  }

  public Source source() {
    return source;
  }

  public List<SessionEvent> events() {
    return events;
  }

  public Availability availability() {
    return availability;
  }

  public void setAvailability(Availability next) {
    availability = next;
  }

  /** Releases samples, all bytes of which are 1. */
  public void release(int samples) {
    Sources.release(source.stream(), samples, memory);
  }

  /** Lets time pass, after which the caller runs the tasks of its channels. */
  public void advance(Duration time) {
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Destroys the ready samples, and returns the number of buffers that are not released. */
  public long close() {
    Sources.close(source.stream());
    return activeBuffers() - buffersBefore;
  }

  private static long activeBuffers() {
    return memory.metric().directArenas().stream()
            .mapToLong(PoolArenaMetric::numActiveAllocations)
            .sum()
        + memory.metric().heapArenas().stream()
            .mapToLong(PoolArenaMetric::numActiveAllocations)
            .sum();
  }
}
