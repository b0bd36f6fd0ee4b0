// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The EGD protocol without limits and without buffers: it holds all input, and answers byte by byte
 * from the same bytes as {@link FakeSupply}.
 */
final class EgdModel {

  private final ByteArrayOutputStream input = new ByteArrayOutputStream();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private long entropy;
  private int next;
  private int position;

  /** The bytes that the blocking read at the position still lacks. */
  private int lacking;

  private boolean isEnded;

  EgdModel(EgdMode mode, long entropy) {
    this.entropy = entropy;
    lacking = mode == EgdMode.QEMU ? EgdConnection.QEMU_READ : 0;
    run();
  }

  /** Returns all bytes of the answers so far. */
  byte[] output() {
    return output.toByteArray();
  }

  /** Whether an unknown command has ended the connection. */
  boolean isEnded() {
    return isEnded;
  }

  void receive(byte[] bytes, int from, int to) {
    input.write(bytes, from, to - from);
    run();
  }

  void add(long bytes) {
    entropy += bytes;
    run();
  }

  private void run() {
    byte[] in = input.toByteArray();
    while (!isEnded) {
      while (lacking > 0 && entropy > 0) {
        take();
        lacking--;
      }
      int left = in.length - position;
      if (lacking > 0 || left == 0) {
        return;
      }
      int command = in[position];
      int argument = left < 2 ? -1 : Byte.toUnsignedInt(in[position + 1]);
      switch (command) {
        case 0 -> {
          long bits = Math.min(0xffff_ffffL, 8 * entropy);
          for (int shift = 24; shift >= 0; shift -= 8) {
            output.write((int) (bits >> shift));
          }
          position++;
        }
        case 1, 2 -> {
          if (argument < 0) {
            return;
          }
          if (command == 1) {
            int count = (int) Math.min(argument, entropy);
            output.write(count);
            for (int i = 0; i < count; i++) {
              take();
            }
          } else {
            lacking = argument;
          }
          position += 2;
        }
        case 3 -> {
          if (left < 4 || left < 4 + Byte.toUnsignedInt(in[position + 3])) {
            return;
          }
          position += 4 + Byte.toUnsignedInt(in[position + 3]);
        }
        case 4 -> {
          String pid = Long.toString(ProcessHandle.current().pid());
          output.write(pid.length());
          output.writeBytes(pid.getBytes(StandardCharsets.US_ASCII));
          position++;
        }
        default -> isEnded = true;
      }
    }
  }

  private void take() {
    output.write(next++);
    entropy--;
  }
}
