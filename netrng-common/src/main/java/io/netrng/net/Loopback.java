// SPDX-License-Identifier: Apache-2.0
package io.netrng.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Distinguishes this machine's loopback addresses from all others without a name server. */
public final class Loopback {

  private static final String LOCALHOST = "localhost";

  private Loopback() {}

  /**
   * Returns whether data sent to a host stays on this machine. {@code localhost} is the only
   * accepted name, because another name may resolve to another address while the program runs.
   *
   * @param host a name or an address
   */
  public static boolean is(String host) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
    try {
      return address == null
          ? host.equalsIgnoreCase(LOCALHOST)
          : InetAddress.getByAddress(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
