// SPDX-License-Identifier: Apache-2.0
package io.netrng.testkit;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * One end of a connection, with or without TLS. All methods block; one thread may read while
 * another one writes. A read that gets no byte for {@value #TIMEOUT_MILLIS} ms throws {@link
 * java.net.SocketTimeoutException}.
 */
public class RawConnection implements AutoCloseable {

  /**
   * The timeout of a read in milliseconds, unless a subclass sets another one on {@link #socket()}.
   */
  protected static final int TIMEOUT_MILLIS = 60_000;

  private static final int MAX_LENGTH = 65_552;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  /** Uses a connected socket. */
  public RawConnection(Socket connected) throws IOException {
    socket = connected;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new DataInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** Returns the socket of this connection. */
  protected final Socket socket() {
    return socket;
  }

  /** Sends a frame in one write. */
  public final void send(Message message) throws IOException {
    out.write(message.bytes());
  }

  /** Sends any bytes. */
  public final void raw(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** Sends any bytes, written in hexadecimal with blanks. */
  public RawConnection raw(String hex) throws IOException {
    raw(HexFormat.of().parseHex(hex.replace(" ", "")));
    return this;
  }

  /** Reads the next message of the peer. */
  public final Message read() throws IOException {
    int length;
    try {
      length = in.readInt();
    } catch (EOFException e) {
      return new Message.End();
    }
    if (length < 1 || length > MAX_LENGTH) {
      throw new IOException("a frame of length " + Integer.toUnsignedString(length));
    }
    byte[] frame = new byte[length];
    in.readFully(frame);
    return Message.decode(ByteBuffer.wrap(frame));
  }

  /**
   * Reads the next message of the peer, which must have this type.
   *
   * @throws IOException if it has another type
   */
  public final <M extends Message> M expect(Class<M> type) throws IOException {
    return read().as(type);
  }

  /** Reads the next byte, regardless of frames; negative at the end. */
  public final int readByte() throws IOException {
    return in.read();
  }

  /** Reads and drops everything until either side closes or resets the connection. */
  public final void drain() throws IOException {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (SocketException e) {
      // The peer reset the connection, or this side closed it.
    }
  }

  /** Returns the address of this end. */
  public final InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** Resets the connection. */
  public final void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Closes the connection without a reset. */
  public final void disconnect() throws IOException {
    socket.close();
  }

  @Override
  public final void close() throws IOException {
    disconnect();
  }
}
