// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Passes TCP connections on to a server, and records each ClientHello. An attacker replaces one
 * number in it.
 */
final class HelloRecorder implements AutoCloseable {

  private static final int RECORD_HEADER = 5;

  /** Of the record, the type and the length of the message, and the version (RFC 8446, 4.1.2). */
  private static final int BEFORE_RANDOM = RECORD_HEADER + 4 + 2;

  private static final int RANDOM = 32;
  private static final int SUPPORTED_GROUPS = 10;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int KEY_SHARE = 51;

  private final ServerSocket listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  private final List<Hello> hellos = new CopyOnWriteArrayList<>();
  private final int server;
  private final Attack attack;

  /**
   * A ClientHello, with the numbers that RFC 8446 gives to groups and versions.
   *
   * @param random its random bytes, in hexadecimal
   * @param versions the offered versions
   * @param groups the offered groups
   * @param keyShares the groups of its key shares
   */
  record Hello(
      String random, List<Integer> versions, List<Integer> groups, List<Integer> keyShares) {

    /** Parses the record of a ClientHello. */
    static Hello of(byte[] bytes) {
      Map<Integer, ByteBuffer> extensions = extensions(bytes);
      List<Integer> versions = new ArrayList<>();
      List<Integer> groups = new ArrayList<>();
      List<Integer> keyShares = new ArrayList<>();
      addAll(versions, extensions.get(SUPPORTED_VERSIONS), 1, false);
      addAll(groups, extensions.get(SUPPORTED_GROUPS), 2, false);
      addAll(keyShares, extensions.get(KEY_SHARE), 2, true);
      return new Hello(
          HexFormat.of().formatHex(bytes, BEFORE_RANDOM, BEFORE_RANDOM + RANDOM),
          versions,
          groups,
          keyShares);
    }

    /** Returns the content of each extension, as parts of the array. */
    private static Map<Integer, ByteBuffer> extensions(byte[] bytes) {
      ByteBuffer rest = ByteBuffer.wrap(bytes).position(BEFORE_RANDOM + RANDOM);
      part(rest, Byte.toUnsignedInt(rest.get())); // session
      part(rest, Short.toUnsignedInt(rest.getShort())); // cipher suites
      part(rest, Byte.toUnsignedInt(rest.get())); // compression
      ByteBuffer all = part(rest, Short.toUnsignedInt(rest.getShort()));
      Map<Integer, ByteBuffer> extensions = new HashMap<>();
      while (all.hasRemaining()) {
        extensions.put(
            Short.toUnsignedInt(all.getShort()), part(all, Short.toUnsignedInt(all.getShort())));
      }
      return extensions;
    }

    private static void addAll(
        List<Integer> numbers, @Nullable ByteBuffer extension, int length, boolean withKeys) {
      if (extension == null) {
        return;
      }
      ByteBuffer data = extension.duplicate().position(length);
      while (data.hasRemaining()) {
        numbers.add(Short.toUnsignedInt(data.getShort()));
        if (withKeys) {
          part(data, Short.toUnsignedInt(data.getShort()));
        }
      }
    }

    /** Returns the next bytes, and continues after them. */
    private static ByteBuffer part(ByteBuffer of, int length) {
      ByteBuffer part = of.slice(of.position(), length);
      of.position(of.position() + length);
      return part;
    }
  }

  /** What an attacker between client and server does with each ClientHello. */
  enum Attack {
    /** Passes it on. */
    NONE(0, 0, 0, 0),
    /** Replaces X25519MLKEM768 among the groups by X25519. */
    WITHOUT_HYBRID_GROUP(SUPPORTED_GROUPS, 2, 0x11ec, 0x001d),
    /** Replaces TLS 1.3 among the versions by TLS 1.2. */
    WITHOUT_TLS_1_3(SUPPORTED_VERSIONS, 1, 0x0304, 0x0303);

    private final int extension;
    private final int length;
    private final short number;
    private final short replacement;

    Attack(int extension, int length, int number, int replacement) {
      this.extension = extension;
      this.length = length;
      this.number = (short) number;
      this.replacement = (short) replacement;
    }

    private void apply(byte[] hello) {
      ByteBuffer data = Hello.extensions(hello).get(extension);
      if (data != null) {
        for (int i = length; i + 1 < data.limit(); i += Short.BYTES) {
          data.putShort(i, data.getShort(i) == number ? replacement : data.getShort(i));
        }
      }
    }
  }

  /**
   * Starts to listen.
   *
   * @param server the port of the server
   */
  HelloRecorder(int server) throws IOException {
    this(server, Attack.NONE);
  }

  /**
   * Starts to listen, and attacks each connection.
   *
   * @param server the port of the server
   */
  HelloRecorder(int server, Attack attack) throws IOException {
    this.server = server;
    this.attack = attack;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** The random bytes of all connections so far, in hexadecimal. */
  List<String> randoms() {
    return hellos.stream().map(Hello::random).toList();
  }

  /** The first ClientHello of each connection so far. */
  List<Hello> hellos() {
    return List.copyOf(hellos);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> pass(client));
      }
    } catch (IOException e) {
      // close() ends the accept.
    }
  }

  private void pass(Socket client) {
    try (client;
        Socket peer = new Socket(InetAddress.getLoopbackAddress(), server)) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      byte[] header = new byte[RECORD_HEADER];
      in.readFully(header);
      int length = Short.toUnsignedInt(ByteBuffer.wrap(header).getShort(RECORD_HEADER - 2));
      byte[] begin = Arrays.copyOf(header, RECORD_HEADER + length);
      in.readFully(begin, RECORD_HEADER, length);
      hellos.add(Hello.of(begin));
      attack.apply(begin);
      peer.getOutputStream().write(begin);
      Thread back = Thread.ofVirtual().start(() -> copy(peer, client));
      copy(client, peer);
      back.interrupt();
    } catch (IOException e) {
      // One side has closed the connection.
    }
  }

  /** Copies until one side closes, and then closes the other. */
  private static void copy(Socket from, Socket to) {
    try (to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // One side has closed the connection.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
