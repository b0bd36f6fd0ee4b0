package io.netrng.protocol;

import java.util.regex.Pattern;

/** A frame that a client sends. */
public sealed interface ClientFrame extends Frame {

  /** The greatest length that a frame of a client may have: its type byte and payload, in bytes. */
  int MAX_LENGTH = 1_024;

  /** The length of a HELLO of this version whose label is as long as can be, in bytes. */
  int MAX_HELLO_LENGTH = 71;

  /**
   * The first frame of a client.
   *
   * @param guarantee the rate asked for, in bytes per second; 0 takes what the server's policy
   *     gives
   * @param label the client's name for people and dashboards
   */
  record Hello(long guarantee, String label) implements ClientFrame {

    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the guarantee is no u32 or the label is not valid
     */
    public Hello {
      Unsigned.requireInt("guarantee", guarantee);
      if (!isLabel(label)) {
        throw new IllegalArgumentException("the label does not match " + LABEL);
      }
    }

    /** Whether a text can be a client's label: {@code [A-Za-z0-9._-]{1,64}}. */
    public static boolean isLabel(String text) {
      return LABEL.matcher(text).matches();
    }
  }

  /**
   * Demand: the client is ready for that many samples more.
   *
   * @param samples from 1 to 2^32 − 1
   */
  record Request(long samples) implements ClientFrame {

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if samples is 0 or no u32
     */
    public Request {
      Unsigned.requireInt("samples", samples);
      if (samples == 0) {
        throw new IllegalArgumentException("a request for 0 samples");
      }
    }
  }

  /**
   * A sign of life that the server echoes.
   *
   * @param value any 64 bits
   */
  record Ping(long value) implements ClientFrame {}

  /** The client leaves. */
  record Bye() implements ClientFrame {}

  /**
   * Not a frame but what the decoder makes of bytes that are none; nothing comes after it.
   *
   * @param code the answer: {@link CloseCode#PROTOCOL_ERROR} or {@link
   *     CloseCode#UNSUPPORTED_VERSION}
   * @param reason what was wrong, for people
   */
  record Malformed(CloseCode code, String reason) implements ClientFrame {}
}
