// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ScatteringByteChannel;
import java.util.Random;

/** A device that gives random bytes, until a fault begins. */
final class FaultySource implements ScatteringByteChannel {

  /** What becomes of a read, or of the bytes of it. */
  interface Fault {

    /**
     * The byte at a place of the stream.
     *
     * @param place in bytes, from the begin of the fault on
     * @param sound what the device would give there
     * @param given what it gave before
     */
    default byte at(long place, byte sound, Given given) {
      return sound;
    }

    /** How many of so many bytes a read gives; −1 for the end. */
    default int sizeOf(int asked) throws IOException {
      return asked;
    }
  }

  /** What a device gave before. */
  interface Given {
    byte back(int distance);
  }

  private final Random random;
  private final Fault fault;
  private final int begin;
  private final int mostAtOnce;
  private final byte[] memory;
  private int given;

  /**
   * Makes a device.
   *
   * @param begin of the fault, in bytes
   * @param size of all that it gives, in bytes
   * @param mostAtOnce that a read gives, in bytes
   */
  FaultySource(long seed, Fault fault, int begin, int size, int mostAtOnce) {
    memory = new byte[size];
    random = new Random(seed);
    this.fault = fault;
    this.begin = begin;
    this.mostAtOnce = mostAtOnce;
  }

  /** How many bytes were read. */
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
      // A read ends where the fault begins.
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
    byte sound = (byte) random.nextInt();
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
