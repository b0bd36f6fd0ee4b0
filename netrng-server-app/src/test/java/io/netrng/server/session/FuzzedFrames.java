package io.netrng.server.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The frames of a client as bytes. */
final class FuzzedFrames {

  private FuzzedFrames() {}

  static byte[] hello(String label) {
    byte[] name = label.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(11 + name.length)
        .putInt(7 + name.length)
        .put((byte) 1)
        .put((byte) 1)
        .putInt(0)
        .put((byte) name.length)
        .put(name)
        .array();
  }

  static byte[] request(int samples) {
    return ByteBuffer.allocate(9).putInt(5).put((byte) 2).putInt(samples).array();
  }

  static byte[] ping(long value) {
    return ByteBuffer.allocate(13).putInt(9).put((byte) 3).putLong(value).array();
  }

  static byte[] bye() {
    return ByteBuffer.allocate(5).putInt(1).put((byte) 4).array();
  }
}
