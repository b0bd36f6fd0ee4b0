// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ScatteringByteChannel;
import java.util.Random;

/** A device that returns random values until a fault begins. */
final class FaultySource implements ScatteringByteChannel {

  /** A fault of the reads, or of their bytes. */
  interface Fault {

    /**
     * Returns the byte at a position of the stream.
     *
     * @param place bytes since the begin of the fault
     * @param sound the byte that a healthy device would return
     * @param given the bytes before it
     */
    default byte at(long place, byte sound, Given given) {
      return sound;
    }

    /** Returns the size of a read of this length; −1 for the end. */
    default int sizeOf(int asked) throws IOException {
      return asked;
    }
  }

  /** The bytes that a device has returned. */
  interface Given {
    byte back(int distance);
  }

  private final Random random;
  private final Fault fault;
  private final int begin;
  private final int values;
  private final int mostAtOnce;
  private final byte[] memory;
  private int given;

  /**
   * Creates a device.
   *
   * @param begin the begin of the fault, in bytes
   * @param size the total size, in bytes
   * @param mostAtOnce the maximum size of a read, in bytes
   * @param values the number of values that the healthy device returns, a power of two
   */
  FaultySource(long seed, Fault fault, int begin, int size, int mostAtOnce, int values) {
    this.values = values;
    memory = new byte[size];
    random = new Random(seed);
    this.fault = fault;
    this.begin = begin;
    this.mostAtOnce = mostAtOnce;
  }

  /** Returns the number of bytes read. */
  int given() {
    return given;
  }

  @Override
  public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    int asked = 0;
    for (int i = offset; i < offset + length; i++) {
      asked += buffers[i].remaining();
    }
    asked = Math.min(asked, mostAtOnce);
    if (given < begin) {
      // No read crosses the begin of the fault.
      asked = Math.min(asked, begin - given);
    } else {
      asked = given == memory.length ? -1 : fault.sizeOf(Math.min(asked, memory.length - given));
    }
    for (int i = offset, left = asked; left > 0; i++) {
      for (; buffers[i].hasRemaining() && left > 0; left--) {
        buffers[i].put(next());
      }
    }
    return asked;
  }

  private byte next() {
    byte sound = (byte) (random.nextInt() & (values - 1));
    int place = given;
    memory[place] =
        place < begin
            ? sound
            : fault.at(place - begin, sound, distance -> memory[place - distance]);
    return memory[given++];
  }

  @Override
  public long read(ByteBuffer[] buffers) throws IOException {
    return read(buffers, 0, buffers.length);
  }

  @Override
  public int read(ByteBuffer buffer) throws IOException {
    return (int) read(new ByteBuffer[] {buffer});
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
