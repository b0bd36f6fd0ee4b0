// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.server.conditioning.Sha512;
import io.netrng.server.session.ByteClient;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A seed for pollinate, as its server pollen answers: a line with the SHA-512 of the challenge,
 * which proves that the server has computed it, and a line with the SHA-512 of the challenge and 64
 * bytes of entropy. Both are hexadecimal.
 */
final class SeedAnswer implements Answer {

  private static final int ENTROPY = 64;
  private static final int LINE = 2 * Sha512.SIZE + 1;
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final String challenge;
  private final Secret secret;
  private long missing = ENTROPY;

  /**
   * Creates an answer.
   *
   * @param challenge ASCII characters
   */
  SeedAnswer(String challenge, ChannelHandlerContext connection) {
    this.challenge = challenge;
    secret = new Secret(ENTROPY, connection);
  }

  @Override
  public String contentType() {
    return "text/plain; charset=utf-8";
  }

  @Override
  public long length() {
    return 2 * LINE;
  }

  @Override
  public long missing() {
    return missing;
  }

  @Override
  public void write(ByteClient from, ChannelHandlerContext to) {
    while (missing > 0 && from.available() > 0) {
      missing -= secret.fill(from);
    }
    if (missing == 0) {
      secret.write(lines(to), to);
      secret.destroy();
    }
  }

  private ByteBuf lines(ChannelHandlerContext to) {
    ByteBuf lines = to.alloc().directBuffer(2 * LINE, 2 * LINE);
    ByteBuf scratch = to.alloc().directBuffer(challenge.length() + Sha512.SIZE);
    try (Sha512 sha512 = new Sha512()) {
      scratch.writeCharSequence(challenge, StandardCharsets.US_ASCII);
      ByteBuffer message = scratch.nioBuffer();
      ByteBuffer digest = scratch.nioBuffer(scratch.writerIndex(), Sha512.SIZE);
      sha512.update(message);
      sha512.finish(digest);
      writeLine(digest, lines);
      sha512.update(message);
      sha512.update(secret.bytes().nioBuffer());
      sha512.finish(digest);
      writeLine(digest, lines);
      scratch.setZero(0, scratch.capacity());
      return lines;
    } finally {
      scratch.release();
    }
  }

  private static void writeLine(ByteBuffer digest, ByteBuf lines) {
    for (int i = 0; i < Sha512.SIZE; i++) {
      int value = Byte.toUnsignedInt(digest.get(i));
      lines.writeByte(DIGITS[value >> 4]).writeByte(DIGITS[value & 15]);
    }
    lines.writeByte('\n');
  }

  @Override
  public void destroy() {
    secret.destroy();
  }
}
