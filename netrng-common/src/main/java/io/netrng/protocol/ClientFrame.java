// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import java.util.regex.Pattern;

/** A frame that a client sends. */
public sealed interface ClientFrame extends Frame {

  /** The maximum length of a client's frame: its type byte and payload, in bytes. */
  int MAX_LENGTH = 1_024;

  /** The length of a HELLO of this version with a label of maximum length, in bytes. */
  int MAX_HELLO_LENGTH = 71;

  /**
   * The first frame of a client.
   *
   * @param guarantee the requested rate, in bytes per second; with 0 the server's policy sets the
   *     rate
   * @param label the client's name for people and dashboards
   */
  record Hello(long guarantee, String label) implements ClientFrame {

    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the guarantee is not a u32 or the label is not valid
     */
    public Hello {
      Unsigned.requireInt("guarantee", guarantee);
      if (!isLabel(label)) {
        throw new IllegalArgumentException("the label does not match " + LABEL);
      }
    }

    /** Returns whether a text is a valid label of a client: {@code [A-Za-z0-9._-]{1,64}}. */
    public static boolean isLabel(String text) {
      return LABEL.matcher(text).matches();
    }
  }

  /**
   * Demand: the client accepts that many more samples.
   *
   * @param samples from 1 to 2^32 − 1
   */
  record Request(long samples) implements ClientFrame {

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if samples is 0 or not a u32
     */
    public Request {
      Unsigned.requireInt("samples", samples);
      if (samples == 0) {
        throw new IllegalArgumentException("a request for 0 samples");
      }
    }
  }

  /**
   * A keepalive that the server echoes.
   *
   * @param value any 64 bits
   */
  record Ping(long value) implements ClientFrame {}

  /** The client ends the session. */
  record Bye() implements ClientFrame {}

  /**
   * Not a frame: the decoder's output for bytes that are not a valid frame. It is the last output.
   *
   * @param code the answer: {@link CloseCode#PROTOCOL_ERROR} or {@link
   *     CloseCode#UNSUPPORTED_VERSION}
   * @param reason the fault, for people
   */
  record Malformed(CloseCode code, String reason) implements ClientFrame {}
}
