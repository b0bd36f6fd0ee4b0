package io.netrng.e2e;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A client written from docs/protocol.md alone, without the project's codec, as independent clients
 * are.
 */
final class RawClient implements AutoCloseable {

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) AppProcess.PATIENCE.toMillis());
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    out = new DataOutputStream(socket.getOutputStream());
  }

  record Welcome(String epoch, int sampleSize, int guarantee) {}

  /** A sample's place in its stream and a digest of its bytes, which are not kept. */
  record Sample(String epoch, long offset, int size, String digest) {}

  /**
   * What ends a session.
   *
   * @param retryAfter in milliseconds
   */
  record Close(int code, long retryAfter, String reason) {}

  Welcome hello(String label, int guarantee) throws IOException {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(payload);
    data.writeByte(1);
    data.writeInt(guarantee);
    data.writeByte(label.length());
    data.write(label.getBytes(StandardCharsets.US_ASCII));
    send(0x01, payload.toByteArray());
    DataInputStream welcome = frame(0x81);
    welcome.readByte();
    welcome.readLong();
    byte[] epoch = welcome.readNBytes(16);
    return new Welcome(HexFormat.of().formatHex(epoch), welcome.readInt(), welcome.readInt());
  }

  void request(int samples) throws IOException {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    new DataOutputStream(payload).writeInt(samples);
    send(0x02, payload.toByteArray());
  }

  void bye() throws IOException {
    send(0x04, new byte[0]);
  }

  Sample sample(Welcome welcome) throws IOException {
    DataInputStream sample = frame(0x82);
    long offset = sample.readLong();
    byte[] entropy = sample.readAllBytes();
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(entropy);
      return new Sample(welcome.epoch(), offset, entropy.length, HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The CLOSE that comes next. */
  Close closed() throws IOException {
    DataInputStream close = frame(0x84);
    return new Close(
        close.readUnsignedShort(),
        Integer.toUnsignedLong(close.readInt()),
        new String(close.readAllBytes(), StandardCharsets.UTF_8));
  }

  /** Reads on until the end, and keeps nothing. */
  void drain() {
    try {
      in.skipNBytes(Long.MAX_VALUE);
    } catch (IOException e) {
      // closed
    }
  }

  private void send(int type, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(frame);
    data.writeInt(1 + payload.length);
    data.writeByte(type);
    data.write(payload);
    out.write(frame.toByteArray());
  }

  private DataInputStream frame(int expectedType) throws IOException {
    int length = in.readInt();
    byte[] frame = in.readNBytes(length);
    if (frame.length < length || (frame[0] & 0xff) != expectedType) {
      throw new IOException(
          "expected a frame of type %02x and got %02x".formatted(expectedType, frame[0] & 0xff));
    }
    return new DataInputStream(new ByteArrayInputStream(frame, 1, length - 1));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
