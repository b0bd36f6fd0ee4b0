// SPDX-License-Identifier: Apache-2.0
package io.netrng.tls;

import io.netrng.naming.ExternalName;
import io.netrng.startup.StartupException;
import io.netty.handler.ssl.OpenSsl;
import org.jspecify.annotations.Nullable;

/**
 * Which key exchanges a TLS connection may use. The constants in lower case are the values of the
 * properties.
 */
public enum KeyExchange implements ExternalName {
  /** The hybrid group if both sides support it, otherwise X25519 or another group. */
  HYBRID_PREFERRED,

  /** Only the hybrid group, and therefore only TLS 1.3. */
  HYBRID_REQUIRED;

  /** X25519 combined with ML-KEM-768 (code point 0x11EC of TLS 1.3). */
  static final String HYBRID_GROUP = "X25519MLKEM768";

  /**
   * Checks that connections can use this key exchange.
   *
   * @param prefix the prefix of the properties, such as {@code netrng.server.tls.}
   * @param bundle the name of the SSL bundle; null is plain TCP
   * @throws StartupException if the hybrid group is required, and there is no TLS or its engine
   *     lacks the group
   */
  public void requirePossible(String prefix, @Nullable String bundle) {
    if (this == HYBRID_PREFERRED) {
      return;
    }
    if (bundle == null) {
      throw new StartupException(
          "%skey-exchange = %s needs TLS, but %sbundle is not set."
              .formatted(prefix, externalName(), prefix),
          "Set %sbundle, or remove %skey-exchange.".formatted(prefix, prefix));
    }
    // Loads BoringSSL, which an app without TLS must not do.
    if (!OpenSsl.isAvailable()) {
      throw new StartupException(
          "%skey-exchange = %s needs BoringSSL, but netty-tcnative cannot be loaded."
              .formatted(prefix, externalName()),
          "Use Linux on x86-64 or aarch64 with a java.io.tmpdir that is not mounted noexec, or"
              + " remove %skey-exchange.".formatted(prefix));
    }
  }
}
