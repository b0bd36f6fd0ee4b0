// SPDX-License-Identifier: Apache-2.0
package io.netrng.net;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Formats an address and its port for logs and HTTP answers. */
public final class Address {

  private Address() {}

  /**
   * Returns, for example, {@code 192.0.2.7:8989} or {@code [2001:db8::7]:8989}; {@code unknown} for
   * null.
   */
  public static String text(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? NetUtil.toSocketAddressString(inet)
        : address == null ? "unknown" : address.toString();
  }
}
