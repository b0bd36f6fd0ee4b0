// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.admin;

import io.netrng.naming.ExternalName;
import io.netrng.net.Address;
import io.netrng.server.session.ClientSession;
import io.netrng.server.session.SessionEvent;
import io.netrng.server.source.DeviceStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An event in the API; fields that do not apply are omitted. */
record Event(
    Instant at,
    String type,
    @Nullable String session,
    @Nullable String client,
    @Nullable String identity,
    @Nullable String address,
    @Nullable String device,
    @Nullable String reason) {

  /** The types of events. The constants in lower case are the names in the API. */
  enum Type implements ExternalName {
    /** A client was admitted. */
    CONNECTED,
    /** An admitted client disconnected. */
    DISCONNECTED,
    /** A connection ended before its client was admitted. */
    REFUSED,
    /** An administrator kicked a client. */
    KICKED,
    /**
     * An administrator or a new policy changed the rates of a client, or /dev/hwrng has another
     * driver.
     */
    CHANGED,
    /** The devices provide less than the sum of the guarantees. */
    DEGRADED,
    /** A device failed. */
    FAILED,
    /**
     * The devices provide the sum of the guarantees again, or a failed device passes its tests
     * again.
     */
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

  static Event ofApplicant(Type type, SessionEvent.Applicant applicant, String reason) {
    return new Event(
        Instant.now(),
        type.externalName(),
        null,
        applicant.label(),
        applicant.identity(),
        Address.text(applicant.address()),
        null,
        reason);
  }

  static Event ofDevice(Type type, DeviceStatus device, String reason) {
    String name = device.device();
    return new Event(Instant.now(), type.externalName(), null, null, null, null, name, reason);
  }

  static Event ofPromises(Type type, String reason) {
    return new Event(Instant.now(), type.externalName(), null, null, null, null, null, reason);
  }
}
