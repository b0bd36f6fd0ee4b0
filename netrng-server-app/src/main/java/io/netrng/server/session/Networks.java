package io.netrng.server.session;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many connections there are from each network: an IPv4 address, or the first 64 bits of an
 * IPv6 address, of which whoever has one has all the others.
 */
final class Networks {

  private static final int IPV6_BYTES = 16;
  private static final int PREFIX_BYTES = 8;

  private final Map<InetAddress, Count> counts = new ConcurrentHashMap<>();

  /** What becomes of a connection. */
  enum Place {
    /** It is one of those that the network may have. */
    TAKEN,
    /** It is one too many, and is told so. */
    REFUSED,
    /** As many as the network may have are being told so already. */
    NONE
  }

  private record Count(int taken, int refused) {

    Place next(int limit) {
      if (taken < limit) {
        return Place.TAKEN;
      }
      return refused < limit ? Place.REFUSED : Place.NONE;
    }

    Count plus(Place place, int connections) {
      return switch (place) {
        case TAKEN -> new Count(taken + connections, refused);
        case REFUSED -> new Count(taken, refused + connections);
        case NONE -> this;
      };
    }
  }

  private static final Count NOBODY = new Count(0, 0);

  /** Gives a new connection its place; called by one thread. */
  Place enter(InetAddress network, int limit) {
    Place place = counts.getOrDefault(network, NOBODY).next(limit);
    if (place == Place.NONE) {
      return place;
    }
    counts.compute(network, (_, count) -> (count == null ? NOBODY : count).plus(place, 1));
    return place;
  }

  /** A connection that had this place is gone. May be called from any thread. */
  void leave(InetAddress network, Place place) {
    counts.computeIfPresent(
        network,
        (_, count) -> {
          Count left = count.plus(place, -1);
          return left.equals(NOBODY) ? null : left;
        });
  }

  /** The network that an address belongs to; loopback is one of its own. */
  static InetAddress of(InetAddress address) {
    try {
      // From its bytes, an IPv4 address inside an IPv6 one becomes what it is.
      InetAddress plain = InetAddress.getByAddress(address.getAddress());
      return plain instanceof Inet6Address && !plain.isLoopbackAddress()
          ? InetAddress.getByAddress(
              Arrays.copyOf(Arrays.copyOf(plain.getAddress(), PREFIX_BYTES), IPV6_BYTES))
          : plain;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of neither 4 nor 16 bytes", e);
    }
  }
}
