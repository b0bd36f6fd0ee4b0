// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.stream;

import io.netrng.client.discovery.Dns;
import io.netrng.client.discovery.FakeDns;
import io.netrng.client.discovery.FakeMdnsBrowser;
import io.netrng.client.discovery.MdnsBrowser;
import io.netrng.protocol.ClientFrame;
import io.netrng.protocol.CloseCode;
import io.netrng.protocol.ServerFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Fake servers on the test's own thread, which also runs the client's event loop in virtual time.
 * Every address accepts connections except those that the test closes.
 */
final class FakeNetwork implements Connections {

  static final int SIZE = 1_024;

  private static final long STEP_MILLIS = 100;

  private final MockTicker ticker = Ticker.newMockTicker();
  private final ManualIoEventLoop loop =
      new ManualIoEventLoop(null, Thread.currentThread(), LocalIoHandler.newFactory(), ticker);
  private final List<Peer> peers = new ArrayList<>();
  private final Set<String> closed = new HashSet<>();
  private final FakeDns dns = new FakeDns();
  private final FakeMdnsBrowser announcements = new FakeMdnsBrowser();
  private Runnable beforeConnect = () -> {};
  private int next;

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public Dns dns() {
    return dns;
  }

  @Override
  public MdnsBrowser mdns() {
    return announcements;
  }

  @Override
  public void connect(InetSocketAddress address, Session session) {
    beforeConnect.run();
    String host = address.getAddress().getHostAddress();
    if (closed.contains(host)) {
      ConnectException refused = new ConnectException("Connection refused");
      loop.execute(() -> session.end(DisconnectReason.of(refused)));
    } else {
      peers.add(new Peer(host, address.getHostString(), session));
    }
  }

  /** The answers of the name servers. */
  FakeDns names() {
    return dns;
  }

  /** The services in the local network. */
  FakeMdnsBrowser announcements() {
    return announcements;
  }

  /** Refuses all further connections to this address. */
  void close(String host) {
    closed.add(host);
  }

  /** Runs an action, which may throw, whenever the client begins to connect. */
  void beforeConnect(Runnable action) {
    beforeConnect = action;
  }

  /** Returns the next connection that the test has not yet taken, which must exist. */
  Peer accepted(String host) {
    run();
    if (next == peers.size()) {
      throw new AssertionError("no connection to " + host);
    }
    Peer peer = peers.get(next++);
    if (!peer.host.equals(host)) {
      throw new AssertionError("a connection to " + peer.host + " instead of " + host);
    }
    return peer;
  }

  /** Returns whether there is a connection that the test has not yet taken. */
  boolean hasAnother() {
    run();
    return next < peers.size();
  }

  /**
   * Advances the time until there is another connection, or to the maximum. Returns the elapsed
   * time.
   */
  Duration timeToNext(Duration most) {
    long millis = 0;
    while (!hasAnother() && millis < most.toMillis()) {
      advance(Duration.ofMillis(STEP_MILLIS));
      millis += STEP_MILLIS;
    }
    return Duration.ofMillis(millis);
  }

  /** Advances the time. */
  void advance(Duration time) {
    for (long left = time.toMillis(); left > 0; left -= STEP_MILLIS) {
      ticker.advance(Math.min(left, STEP_MILLIS), TimeUnit.MILLISECONDS);
      run();
    }
  }

  /** Runs the events that are due. */
  void run() {
    loop.runNow();
    peers.forEach(Peer::run);
    loop.runNow();
  }

  @Override
  public void close() {
    peers.forEach(peer -> peer.channel.finishAndReleaseAll());
    var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    loop.runNow();
  }

  /** The server's end of one connection. */
  final class Peer {

    private final String host;
    private final String requestedName;
    private final EmbeddedChannel channel;
    private long requested;
    private long offset;
    private boolean saidBye;
    private boolean silent;
    private long pings;

    private Peer(String host, String requestedName, Session session) {
      this.host = host;
      this.requestedName = requestedName;
      channel = EmbeddedChannel.builder().ticker(ticker).handlers(session).build();
    }

    private void run() {
      channel.runScheduledPendingTasks();
      for (Object frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
        switch ((ClientFrame) frame) {
          case ClientFrame.Hello _ -> {}
          case ClientFrame.Request request -> requested += request.samples();
          case ClientFrame.Ping ping -> answer(ping);
          case ClientFrame.Bye _ -> saidBye = true;
          case ClientFrame.Malformed malformed -> throw new AssertionError(malformed);
        }
      }
    }

    private void answer(ClientFrame.Ping ping) {
      pings++;
      if (!silent) {
        channel.writeInbound(new ServerFrame.Pong(ping.value()));
      }
    }

    private Peer send(ServerFrame frame) {
      channel.writeInbound(frame);
      FakeNetwork.this.run();
      return this;
    }

    /** Returns the name that the certificate must be valid for. */
    String requestedName() {
      return requestedName;
    }

    /** Admits the client; a guarantee of 0 is best effort. */
    Peer welcome(long guarantee) {
      return welcome(guarantee, Duration.ofMinutes(10));
    }

    /** Admits the client with a keepalive of its own. */
    Peer welcome(long guarantee, Duration keepalive) {
      return welcome(guarantee, keepalive, host);
    }

    /** Admits the client as the server at another address, which may be its own. */
    Peer welcome(long guarantee, Duration keepalive, String server) {
      return send(
          new ServerFrame.Welcome(
              42, new UUID(1, server.hashCode()), SIZE, guarantee, keepalive.toMillis()));
    }

    /** From now on, it answers nothing, not even a PING. */
    void fallSilent() {
      silent = true;
    }

    /** Sends one sample, which the client must have requested. */
    Peer sample() {
      if (requested() == 0) {
        throw new AssertionError("the client has not asked " + host + " for a sample");
      }
      requested--;
      offset += SIZE;
      return send(new ServerFrame.Sample(offset, Unpooled.directBuffer(SIZE).writeZero(SIZE)));
    }

    /** Sends one sample per second. */
    void samples(Duration time) {
      for (long second = 0; second < time.toSeconds(); second++) {
        sample();
        advance(Duration.ofSeconds(1));
      }
    }

    /** Refuses the client, or closes its stream. */
    void refuse(CloseCode code, Duration retryAfter) {
      send(new ServerFrame.Close(code, retryAfter.toMillis(), "test"));
    }

    /** Refuses the client with the retry-after {@code never}. */
    void refuseForEver(CloseCode code) {
      send(new ServerFrame.Close(code, ServerFrame.Close.NEVER, "test"));
    }

    /** Closes the connection. */
    void disconnect() {
      var _ = channel.close();
      FakeNetwork.this.run();
    }

    boolean isOpen() {
      FakeNetwork.this.run();
      return channel.isOpen();
    }

    /** Returns the number of PINGs that the client has sent. */
    long pings() {
      FakeNetwork.this.run();
      return pings;
    }

    boolean hasSaidBye() {
      FakeNetwork.this.run();
      return saidBye;
    }

    /** Returns the number of samples that the client awaits. */
    long requested() {
      FakeNetwork.this.run();
      return requested;
    }
  }
}
