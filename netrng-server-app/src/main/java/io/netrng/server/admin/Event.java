package io.netrng.server.admin;

import io.netrng.naming.ExternalName;
import io.netrng.net.Address;
import io.netrng.server.session.ClientSession;
import io.netrng.server.source.DeviceStatus;
import java.net.SocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Something that happened; what does not belong to it is left out. */
record Event(
    Instant at,
    String type,
    @Nullable String session,
    @Nullable String client,
    @Nullable String identity,
    @Nullable String address,
    @Nullable String device,
    @Nullable String reason) {

  /** What can happen. The words in lower case are those of the API. */
  enum Type implements ExternalName {
    /** A client was let in. */
    CONNECTED,
    /** A client that was let in is gone. */
    DISCONNECTED,
    /** A connection ended before its client was let in. */
    REFUSED,
    /** A client was sent away by an administrator. */
    KICKED,
    /** A client was given other rates by an administrator. */
    CHANGED,
    /** The devices give less than is promised. */
    DEGRADED,
    /** A device failed. */
    FAILED,
    /** The promises can be kept again, or a device that had failed is sound again. */
    RECOVERED;
  }

  static Event of(Type type, ClientSession client, @Nullable String reason) {
    return new Event(
        Instant.now(),
        type.externalName(),
        Long.toUnsignedString(client.id()),
        client.label(),
        client.identity().name(),
        Address.text(client.address()),
        null,
        reason);
  }

  static Event ofConnection(Type type, SocketAddress address, String reason) {
    String from = Address.text(address);
    return new Event(Instant.now(), type.externalName(), null, null, null, from, null, reason);
  }

  static Event ofDevice(Type type, DeviceStatus device, String reason) {
    String name = device.device().toString();
    return new Event(Instant.now(), type.externalName(), null, null, null, null, name, reason);
  }

  static Event ofPromises(Type type, String reason) {
    return new Event(Instant.now(), type.externalName(), null, null, null, null, null, reason);
  }
}
