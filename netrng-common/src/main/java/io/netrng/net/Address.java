package io.netrng.net;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** An address and its port as operators write them, in logs and answers alike. */
public final class Address {

  private Address() {}

  /** Such as {@code 192.0.2.7:8989} or {@code [2001:db8::7]:8989}; unknown if there is none. */
  public static String text(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? NetUtil.toSocketAddressString(inet)
        : address == null ? "unknown" : address.toString();
  }
}
