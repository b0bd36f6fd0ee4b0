// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddresses;
import io.netty.util.concurrent.FutureListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Asks the name servers of this machine for SRV records, one after the other until one answers. It
 * reads their addresses from resolv.conf for each lookup, and never asks other name servers. Each
 * lookup has its own socket. A truncated answer is requested again over TCP.
 */
public final class SystemDns implements Dns {

  /** How long a name server may take to answer; the C library's default. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Supplies the name servers for each lookup. */
  @FunctionalInterface
  interface Configuration {

    ResolvConf read() throws IOException;
  }

  private final EventLoop loop;
  private final Class<? extends DatagramChannel> datagrams;
  private final Class<? extends SocketChannel> sockets;
  private final Configuration configuration;
  private final Duration timeout;

  /**
   * Uses the system's resolv.conf.
   *
   * @param loop runs the lookups and calls the callbacks
   * @param datagrams the channels of the loop for UDP
   * @param sockets the channels of the loop for TCP
   */
  public SystemDns(
      EventLoop loop,
      Class<? extends DatagramChannel> datagrams,
      Class<? extends SocketChannel> sockets) {
    this(loop, datagrams, sockets, () -> ResolvConf.read(ResolvConf.FILE), TIMEOUT);
  }

  SystemDns(
      EventLoop loop,
      Class<? extends DatagramChannel> datagrams,
      Class<? extends SocketChannel> sockets,
      Configuration configuration,
      Duration timeout) {
    this.loop = loop;
    this.datagrams = datagrams;
    this.sockets = sockets;
    this.configuration = configuration;
    this.timeout = timeout;
  }

  @Override
  public void lookUp(String name, Consumer<SrvAnswer> callback) {
    try {
      List<InetSocketAddress> nameServers = configuration.read().nameServers();
      if (nameServers.isEmpty()) {
        callback.accept(new SrvAnswer.Failed(ResolvConf.FILE + " names no name server"));
      } else {
        new Lookup(name, nameServers, callback).askNext("");
      }
    } catch (IOException | RuntimeException e) {
      // The file cannot be read, or no socket can be opened.
      callback.accept(new SrvAnswer.Failed(e.toString()));
    }
  }

  @Override
  public List<String> searchDomains() throws IOException {
    return configuration.read().searchDomains();
  }

  /** One lookup, which asks each name server once. */
  private final class Lookup {

    private final DefaultDnsQuestion question;
    private final Queue<InetSocketAddress> nameServers;
    private final Consumer<SrvAnswer> callback;
    private final DnsNameResolver resolver;

    private Lookup(String name, List<InetSocketAddress> nameServers, Consumer<SrvAnswer> callback) {
      question = new DefaultDnsQuestion(name + ".", DnsRecordType.SRV);
      this.nameServers = new ArrayDeque<>(nameServers);
      this.callback = callback;
      resolver =
          new DnsNameResolverBuilder(loop)
              .datagramChannelType(datagrams)
              .socketChannelType(sockets)
              .nameServerProvider(_ -> DnsServerAddresses.sequential(nameServers).stream())
              .searchDomains(List.of())
              .queryTimeoutMillis(timeout.toMillis())
              .build();
    }

    /**
     * Asks the next name server.
     *
     * @param failure why the last one has not answered
     */
    private void askNext(String failure) {
      InetSocketAddress nameServer = nameServers.poll();
      if (nameServer == null) {
        end(new SrvAnswer.Failed(failure));
        return;
      }
      FutureListener<AddressedEnvelope<DnsResponse, InetSocketAddress>> listener =
          result -> {
            if (result.isSuccess()) {
              receive(nameServer, result.getNow());
            } else {
              askNext(String.valueOf(result.cause().getMessage()));
            }
          };
      try {
        resolver.query(nameServer, question).addListener(listener);
      } catch (RuntimeException e) {
        end(new SrvAnswer.Failed(e.toString()));
      }
    }

    private void receive(
        InetSocketAddress nameServer, AddressedEnvelope<DnsResponse, InetSocketAddress> envelope) {
      SrvAnswer answer;
      try {
        answer = SrvResponse.parse(envelope.content());
      } catch (RuntimeException e) {
        answer = new SrvAnswer.Failed("malformed answer: " + e);
      } finally {
        envelope.release();
      }
      if (answer instanceof SrvAnswer.Failed(String reason)) {
        askNext("name server " + nameServer.getAddress().getHostAddress() + ": " + reason);
      } else {
        end(answer);
      }
    }

    private void end(SrvAnswer answer) {
      resolver.close();
      callback.accept(answer);
    }
  }
}
