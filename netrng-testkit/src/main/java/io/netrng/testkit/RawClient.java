// SPDX-License-Identifier: Apache-2.0
package io.netrng.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that sends only the frames that the test requests. */
public final class RawClient extends RawConnection {

  private static final int SMALL_BUFFER = 8 * 1024;

  /** Connects. */
  public RawClient(InetSocketAddress server) throws IOException {
    this(connect(new Socket(), server));
  }

  /** Connects to a server on this machine. */
  public RawClient(int port) throws IOException {
    this(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** Uses a connected socket, such as one inside TLS. */
  public RawClient(Socket connected) throws IOException {
    super(connected);
  }

  /** Connects with a receive buffer so small that the server soon detects a stalled client. */
  public static RawClient withSmallBuffer(InetSocketAddress server) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(SMALL_BUFFER);
    return new RawClient(connect(socket, server));
  }

  private static Socket connect(Socket socket, InetSocketAddress server) throws IOException {
    socket.connect(server, TIMEOUT_MILLIS);
    return socket;
  }

  /** Sends HELLO. With a guarantee of 0, the server's policy sets the rate. */
  public RawClient hello(long guarantee, String label) throws IOException {
    send(new Message.Hello(1, guarantee, label));
    return this;
  }

  /** Sends HELLO and reads WELCOME. */
  public Message.Welcome join(String label) throws IOException {
    return hello(0, label).expect(Message.Welcome.class);
  }

  /** Sends REQUEST. */
  public RawClient request(long samples) throws IOException {
    send(new Message.Request(samples));
    return this;
  }

  /** Sends PING. */
  public RawClient ping(long value) throws IOException {
    send(new Message.Ping(value));
    return this;
  }

  /** Sends BYE. */
  public void bye() throws IOException {
    send(new Message.Bye());
  }

  @Override
  public RawClient raw(String hex) throws IOException {
    super.raw(hex);
    return this;
  }

  /** Reads SAMPLE. */
  public Message.Sample sample() throws IOException {
    return expect(Message.Sample.class);
  }

  /** Reads CLOSE, which must be the last frame. */
  public Message.Close closed() throws IOException {
    Message.Close close = expect(Message.Close.class);
    expect(Message.End.class);
    return close;
  }
}
