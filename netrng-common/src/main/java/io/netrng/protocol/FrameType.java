// SPDX-License-Identifier: Apache-2.0
package io.netrng.protocol;

import org.jspecify.annotations.Nullable;

/** The types of frames, with their minimum and maximum lengths: type byte and payload, in bytes. */
enum FrameType {
  /** Only the version byte is fixed, because other versions may have other payloads. */
  HELLO(0x01, 2, ClientFrame.MAX_LENGTH),
  REQUEST(0x02, 5, 5),
  PING(0x03, 9, 9),
  BYE(0x04, 1, 1),
  WELCOME(0x81, 38, 38),
  SAMPLE(0x82, 9 + ServerFrame.Welcome.MIN_SAMPLE_SIZE, 9 + ServerFrame.Welcome.MAX_SAMPLE_SIZE),
  PONG(0x83, 9, 9),
  CLOSE(0x84, 7, FrameType.MAX_SERVER_LENGTH);

  static final int MAX_SERVER_LENGTH = 65_552;

  private static final int SERVER_BIT = 0x80;

  private final int code;
  private final int minLength;
  private final int maxLength;

  FrameType(int code, int minLength, int maxLength) {
    this.code = code;
    this.minLength = minLength;
    this.maxLength = maxLength;
  }

  int code() {
    return code;
  }

  boolean isServers() {
    return (code & SERVER_BIT) != 0;
  }

  boolean admits(long length) {
    return length >= minLength && length <= maxLength;
  }

  static @Nullable FrameType of(int code) {
    for (FrameType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }
}
