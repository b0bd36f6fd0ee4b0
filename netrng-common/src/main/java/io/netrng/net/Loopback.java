package io.netrng.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Tells this machine's own addresses from all others without asking a name server. */
public final class Loopback {

  private static final String LOCALHOST = "localhost";

  private Loopback() {}

  /**
   * Whether what is sent there stays on this machine. Of names only {@code localhost} counts: where
   * another one leads may change while the program runs.
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
