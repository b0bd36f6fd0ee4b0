// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.protocol.ServerFrame;
import io.netrng.server.security.LimitsProperties;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Limits the connections from each IPv4 address or 64-bit IPv6 network. One peer can use all
 * addresses of such a network. A handler of each listener of TCP, on that listener's event loop.
 */
@Sharable
public final class AddressLimiter extends ChannelInboundHandlerAdapter {

  private static final AttributeKey<ServerFrame.Close> REJECTION =
      AttributeKey.valueOf(AddressLimiter.class, "rejection");

  private static final int IPV6_BYTES = 16;
  private static final int PREFIX_BYTES = 8;

  private final LimitsProperties limits;
  private final Admission admission;
  private final Map<Group, Integer> counts = new ConcurrentHashMap<>();

  AddressLimiter(LimitsProperties limits, Admission admission) {
    this.limits = limits;
    this.admission = admission;
  }

  /** The treatment of a new connection. */
  enum Decision {
    /** The connection is within the limit. */
    ACCEPT,
    /** The connection exceeds the limit and receives a CLOSE with the reason. */
    REJECT,
    /**
     * The limit of connections that are being rejected is reached: this one is closed without a
     * CLOSE.
     */
    DROP
  }

  private record Group(InetAddress network, Decision decision) {}

  /** The number of open connections, with or without an admitted client. Any thread. */
  public int connections() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Returns the CLOSE for a rejected connection; null if the connection is accepted. */
  public static ServerFrame.@Nullable Close rejection(Channel connection) {
    return connection.attr(REJECTION).get();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Channel connection = (Channel) message;
    InetAddress network = networkOf(((InetSocketAddress) connection.remoteAddress()).getAddress());
    int limit = limit(network);
    Decision decision = tryAccept(network, limit);
    if (decision == Decision.DROP) {
      connection.unsafe().closeForcibly();
      return;
    }
    if (decision == Decision.REJECT) {
      connection.attr(REJECTION).set(admission.tooManyFromAddress(limit));
    }
    connection.closeFuture().addListener(_ -> release(network, decision));
    ctx.fireChannelRead(connection);
  }

  private int limit(InetAddress network) {
    Integer set = limits.connectionsPerAddress();
    if (set != null) {
      return set;
    }
    return network.isLoopbackAddress() ? Integer.MAX_VALUE : admission.maxClients();
  }

  /** Counts a new connection unless it is dropped. */
  synchronized Decision tryAccept(InetAddress network, int limit) {
    for (Decision decision : List.of(Decision.ACCEPT, Decision.REJECT)) {
      Group group = new Group(network, decision);
      if (counts.getOrDefault(group, 0) < limit) {
        counts.merge(group, 1, Integer::sum);
        return decision;
      }
    }
    return Decision.DROP;
  }

  /** Ends the count of a closed connection. Any thread. */
  void release(InetAddress network, Decision decision) {
    counts.computeIfPresent(
        new Group(network, decision), (_, count) -> count == 1 ? null : count - 1);
  }

  /** Returns the network of an address; an IPv4 or loopback address is its own network. */
  static InetAddress networkOf(InetAddress address) {
    try {
      // getByAddress turns an IPv4-mapped IPv6 address into the IPv4 address.
      InetAddress plain = InetAddress.getByAddress(address.getAddress());
      return plain instanceof Inet6Address && !plain.isLoopbackAddress()
          ? InetAddress.getByAddress(
              Arrays.copyOf(Arrays.copyOf(plain.getAddress(), PREFIX_BYTES), IPV6_BYTES))
          : plain;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of neither 4 nor 16 bytes", e);
    }
  }
}
