// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.TimeUnit;

/**
 * Reads a TPM by the command TPM2_GetRandom (TPM 2.0 Library, Part 3, section 16.1), one at a time.
 * Numbers are in the byte order of the network.
 *
 * <pre>
 *   command: tag u16, size u32, command code u32, requested u16
 *   answer:  tag u16, size u32, response code u32, length u16, bytes
 * </pre>
 */
final class TpmChannel implements DeviceChannel {

  private static final short NO_SESSIONS = (short) 0x8001;

  /** The tag of an error of TPM 1.2, which does not know the command. */
  private static final short ERROR_OF_TPM_1 = 0xc4;

  private static final int GET_RANDOM = 0x17b;
  private static final int COMMAND_SIZE = 12;

  private static final int SIZE_AT = 2;
  private static final int CODE_AT = 6;
  private static final int LENGTH_AT = 10;

  /** The size of an answer that has no bytes, such as an error. */
  private static final int HEADER_SIZE = 10;

  private static final int BYTES_AT = 12;

  /** The size of the largest digest. No TPM gives more bytes in one answer. */
  private static final int LARGEST_REQUEST = 64;

  /** A read of a slow TPM has one answer, so that no byte waits for another. */
  private static final long FILL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final ByteChannel tpm;
  private final ByteBuffer command = ByteBuffer.allocateDirect(COMMAND_SIZE);

  /**
   * An answer. A device must give an answer to one read, because older kernels drop the rest. The
   * buffer is one byte larger than the largest answer, so that a longer answer is detected.
   */
  private final ByteBuffer answer = ByteBuffer.allocateDirect(BYTES_AT + LARGEST_REQUEST + 1);

  /** Reads a device or a connection, which it owns. */
  TpmChannel(ByteChannel tpm) {
    this.tpm = tpm;
  }

  /** Reads answers until the buffers are full or a millisecond has passed, and at least one. */
  @Override
  public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    long start = System.nanoTime();
    long all = 0;
    int wanted = wanted(buffers, offset, length);
    do {
      int bytes = ask(wanted, buffers, offset);
      if (bytes < 0) {
        return all == 0 ? bytes : all;
      }
      all += bytes;
      wanted = wanted(buffers, offset, length);
    } while (wanted > 0 && System.nanoTime() - start < FILL_NANOS);
    return all;
  }

  private static int wanted(ByteBuffer[] buffers, int offset, int length) {
    int wanted = 0;
    for (int i = offset; i < offset + length && wanted < LARGEST_REQUEST; i++) {
      wanted = Math.min(LARGEST_REQUEST, wanted + buffers[i].remaining());
    }
    return wanted;
  }

  /** Sends one command. Returns the number of bytes; −1 at the end of the channel. */
  private int ask(int wanted, ByteBuffer[] buffers, int offset) throws IOException {
    command
        .clear()
        .putShort(NO_SESSIONS)
        .putInt(COMMAND_SIZE)
        .putInt(GET_RANDOM)
        .putShort((short) wanted)
        .flip();
    tpm.write(command);
    try {
      if (!readAnswer()) {
        return -1;
      }
      int bytes = check(wanted);
      move(bytes, buffers, offset);
      return bytes;
    } finally {
      wipe();
    }
  }

  /** Reads until the answer is complete. Returns false at the end of the channel. */
  private boolean readAnswer() throws IOException {
    answer.clear();
    do {
      if (tpm.read(answer) <= 0) {
        return false;
      }
    } while (answer.hasRemaining()
        && (answer.position() < HEADER_SIZE || answer.position() < answer.getInt(SIZE_AT)));
    return true;
  }

  /**
   * Returns the number of bytes in an answer that is correct. A message names numbers of a correct
   * header only, because those of another answer may be random bytes.
   */
  private int check(int wanted) throws IOException {
    int size = answer.position();
    short tag = answer.getShort(0);
    if (answer.getInt(SIZE_AT) != size || (tag != NO_SESSIONS && tag != ERROR_OF_TPM_1)) {
      throw new IOException("answered what is no answer of a TPM 2.0");
    }
    int code = answer.getInt(CODE_AT);
    if (size == HEADER_SIZE && code != 0) {
      throw new IOException("answered TPM error 0x%x".formatted(code));
    }
    int bytes = size - BYTES_AT;
    if (code != 0
        || bytes <= 0
        || bytes > wanted
        || Short.toUnsignedInt(answer.getShort(LENGTH_AT)) != bytes) {
      throw new IOException("answered a wrong number of bytes");
    }
    return bytes;
  }

  private void move(int bytes, ByteBuffer[] buffers, int offset) {
    int from = BYTES_AT;
    int end = BYTES_AT + bytes;
    for (int i = offset; from < end; i++) {
      ByteBuffer to = buffers[i];
      int size = Math.min(to.remaining(), end - from);
      to.put(to.position(), answer, from, size);
      to.position(to.position() + size);
      from += size;
    }
  }

  private void wipe() {
    for (int i = 0; i < answer.capacity(); i++) {
      answer.put(i, (byte) 0);
    }
  }

  @Override
  public End end() throws IOException {
    throw new IOException("the TPM closed the connection");
  }

  /** A TPM makes bytes for a command. */
  @Override
  public boolean stores() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return tpm.isOpen();
  }

  @Override
  public void close() throws IOException {
    tpm.close();
  }
}
