// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A name server on loopback, over UDP and TCP, whose every byte the test determines. */
final class FakeNameServer implements AutoCloseable {

  static final int NOERROR = 0;
  static final int SERVFAIL = 2;
  static final int NXDOMAIN = 3;

  private static final int SRV = 33;
  private static final int SOA = 6;
  private static final int HEADER = 12;
  private static final int TRUNCATED = 0x0200;

  /** The question's name, by a compression pointer. */
  private static final int QUESTION_NAME = 0xc00c;

  private final ServerSocket tcp = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  private final DatagramSocket udp =
      new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
  private final List<String> questions = new CopyOnWriteArrayList<>();
  private final int code;
  private final int answers;
  private final int authorities;
  private final byte[] records;
  private boolean silent;
  private boolean truncated;

  private FakeNameServer(int code, int answers, int authorities, byte[] records)
      throws IOException {
    this.code = code;
    this.answers = answers;
    this.authorities = authorities;
    this.records = records;
  }

  /** Answers with these records. */
  static FakeNameServer of(int code, byte[]... records) throws IOException {
    return new FakeNameServer(code, records.length, 0, join(records));
  }

  /** Answers that there is no such name or record, with an SOA record. */
  static FakeNameServer negative(int code, int ttl, int minimum) throws IOException {
    byte[] soa = data(name("ns.example.org"), name("admin.example.org"), u32(1, 2, 3, 4, minimum));
    return new FakeNameServer(code, 0, 1, entry(SOA, ttl, soa));
  }

  /** An SRV record. */
  static byte[] srv(int ttl, int priority, int weight, int port, String target) {
    return entry(SRV, ttl, data(u16(priority), u16(weight), u16(port), name(target)));
  }

  /** An SRV record that ends early. */
  static byte[] malformed() {
    return entry(SRV, 60, u16(1));
  }

  FakeNameServer silent() {
    silent = true;
    return this;
  }

  /** Sets the truncation flag of answers over UDP, which then have no record. */
  FakeNameServer truncated() {
    truncated = true;
    return this;
  }

  FakeNameServer start() {
    Thread.ofVirtual().start(this::serveUdp);
    Thread.ofVirtual().start(this::serveTcp);
    return this;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(tcp.getInetAddress(), tcp.getLocalPort());
  }

  /** Returns the names that were asked for, with the protocol. */
  List<String> questions() {
    return questions;
  }

  private void serveUdp() {
    try {
      while (!udp.isClosed()) {
        DatagramPacket packet = new DatagramPacket(new byte[1_500], 1_500);
        udp.receive(packet);
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        record("udp", query);
        if (!silent) {
          byte[] response = truncated ? response(query, TRUNCATED, 0, 0) : response(query);
          udp.send(new DatagramPacket(response, response.length, packet.getSocketAddress()));
        }
      }
    } catch (IOException e) {
      // The test has closed the socket.
    }
  }

  private void serveTcp() {
    try {
      while (!tcp.isClosed()) {
        try (Socket socket = tcp.accept()) {
          DataInputStream in = new DataInputStream(socket.getInputStream());
          byte[] query = in.readNBytes(in.readUnsignedShort());
          record("tcp", query);
          byte[] response = response(query);
          socket.getOutputStream().write(data(u16(response.length), response));
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
    } catch (IOException e) {
      // The test has closed the socket.
    }
  }

  private void record(String protocol, byte[] query) {
    StringBuilder name = new StringBuilder(protocol);
    for (int at = HEADER; query[at] != 0; at += 1 + query[at]) {
      name.append(at == HEADER ? ' ' : '.')
          .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
    }
    questions.add(name.toString());
  }

  private byte[] response(byte[] query) {
    return data(response(query, 0, answers, authorities), records);
  }

  private byte[] response(byte[] query, int flags, int answerCount, int authorityCount) {
    int end = HEADER;
    while (query[end] != 0) {
      end += 1 + query[end];
    }
    byte[] question = Arrays.copyOfRange(query, HEADER, end + 1 + 4);
    return data(
        Arrays.copyOf(query, 2),
        u16(0x8180 | flags | code, 1, answerCount, authorityCount, 0),
        question);
  }

  private static byte[] entry(int type, int ttl, byte[] content) {
    return data(u16(QUESTION_NAME, type, 1), u32(ttl), u16(content.length), content);
  }

  private static byte[] name(String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String label : name.isEmpty() ? new String[0] : name.split("\\.", -1)) {
      byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
      out.write(bytes.length);
      out.writeBytes(bytes);
    }
    out.write(0);
    return out.toByteArray();
  }

  private static byte[] u16(int... values) {
    return write(out -> {
      for (int value : values) {
        out.writeShort(value);
      }
    });
  }

  private static byte[] u32(int... values) {
    return write(out -> {
      for (int value : values) {
        out.writeInt(value);
      }
    });
  }

  private static byte[] data(byte[]... parts) {
    return join(parts);
  }

  private static byte[] join(byte[][] parts) {
    return write(out -> {
      for (byte[] part : parts) {
        out.write(part);
      }
    });
  }

  @FunctionalInterface
  private interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] write(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writer.write(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
