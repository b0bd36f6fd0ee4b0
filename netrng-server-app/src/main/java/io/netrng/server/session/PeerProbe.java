// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.socket.nio.NioChannelOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether the peer of a connection still answers, without a frame of the protocol.
 *
 * <p>While no data is outstanding, TCP keepalive probes the peer's kernel. It ends the connection
 * if two probes in a row stay without an answer. Keepalive pauses while data is outstanding. The
 * kernel's retransmissions are then the probes, and TCP_INFO shows whether one was answered.
 * TCP_USER_TIMEOUT would also end the connection of a live peer that does not read.
 */
final class PeerProbe {

  /** Two keepalive intervals, and one second for a connection that received data just before. */
  static final Duration DURATION = Duration.ofSeconds(3);

  private static final int IDLE_SECONDS = 1;
  private static final int INTERVAL_SECONDS = 1;

  /** The number of unanswered packets in a row that ends the connection. */
  private static final int UNANSWERED = 2;

  /** A further probe within this time after the last one does not shorten the retry-after. */
  private static final long TRUSTED_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Channel channel;
  private final Runnable onDead;
  private boolean running;
  private @Nullable Long begunAt;

  /** Restores the options as they were before the probe. Used on the event loop only. */
  private final List<Runnable> changed = new ArrayList<>();

  /**
   * Creates a probe that is not started.
   *
   * @param onDead runs on the connection's event loop if the peer does not answer, unless the
   *     kernel has ended the connection before
   */
  PeerProbe(Channel channel, Runnable onDead) {
    this.channel = channel;
    this.onDead = onDead;
  }

  /**
   * Starts a probe, unless one is running. May be called from any thread.
   *
   * @return whether this is the first probe of the connection within a minute
   */
  synchronized boolean begin() {
    if (running) {
      return false;
    }
    running = true;
    channel.eventLoop().execute(this::shortenKeepalive);
    var _ = channel.eventLoop().schedule(this::end, DURATION.toMillis(), TimeUnit.MILLISECONDS);
    long now = channel.eventLoop().ticker().nanoTime();
    boolean first = begunAt == null || now - begunAt >= TRUSTED_NANOS;
    if (first) {
      begunAt = now;
    }
    return first;
  }

  /** Sets the idle time last: setting it sends the first probe at once if the time has passed. */
  private void shortenKeepalive() {
    boolean epoll = channel instanceof EpollSocketChannel;
    change(ChannelOption.SO_KEEPALIVE, true);
    change(
        epoll
            ? EpollChannelOption.TCP_KEEPCNT
            : NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT),
        UNANSWERED);
    change(
        epoll
            ? EpollChannelOption.TCP_KEEPINTVL
            : NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
        INTERVAL_SECONDS);
    change(
        epoll
            ? EpollChannelOption.TCP_KEEPIDLE
            : NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE),
        IDLE_SECONDS);
  }

  private <T> void change(ChannelOption<T> option, T value) {
    T before = channel.config().getOption(option);
    if (before != null) {
      changed.add(() -> set(option, before));
      set(option, value);
    }
  }

  /** Listeners of other protocols rely on keepalive of their own. */
  private void restoreKeepalive() {
    changed.forEach(Runnable::run);
    changed.clear();
  }

  private void end() {
    synchronized (this) {
      running = false;
    }
    if (isUnanswered()) {
      onDead.run();
    } else {
      restoreKeepalive();
    }
  }

  private boolean isUnanswered() {
    if (!(channel instanceof EpollSocketChannel socket) || !socket.isOpen()) {
      return false;
    }
    EpollTcpInfo info = socket.tcpInfo();
    return info.retransmits() + info.probes() >= UNANSWERED
        && Math.min(info.lastAckRecv(), info.lastDataRecv()) >= DURATION.toMillis();
  }

  private <T> void set(ChannelOption<T> option, T value) {
    if (channel.isOpen()) {
      channel.config().setOption(option, value);
    }
  }
}
