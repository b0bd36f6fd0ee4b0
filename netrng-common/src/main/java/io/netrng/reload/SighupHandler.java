// SPDX-License-Identifier: Apache-2.0
package io.netrng.reload;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles SIGHUP, which ends a JVM by default. It calls {@code sun.misc.Signal} by reflection. The
 * JDK has no other class for signals, and the compiler's warning about it cannot be suppressed.
 */
final class SighupHandler {

  private static final Logger log = LoggerFactory.getLogger(SighupHandler.class);

  private SighupHandler() {}

  /**
   * Runs the action at each SIGHUP from now on, on a thread of the JDK.
   *
   * @return restores the previous handler
   */
  static Runnable install(Runnable action) {
    ClassLoader loader = SighupHandler.class.getClassLoader();
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method handle = signal.getMethod("handle", signal, handler);
      Object sighup = signal.getConstructor(String.class).newInstance("HUP");
      Object ours =
          Proxy.newProxyInstance(
              loader,
              new Class<?>[] {handler},
              (_, method, _) -> {
                // The JDK calls no other method.
                if (method.getName().equals("handle")) {
                  // The class loader of the JDK's thread does not find the jars inside Boot's jar.
                  Thread.currentThread().setContextClassLoader(loader);
                  action.run();
                }
                return null;
              });
      Object before = handle.invoke(null, sighup, ours);
      return () -> restore(handle, sighup, before);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      log.atWarn().addKeyValue("reason", e).log("handler of SIGHUP cannot be installed");
      return () -> {};
    }
  }

  private static void restore(Method handle, Object sighup, Object before) {
    try {
      var _ = handle.invoke(null, sighup, before);
    } catch (ReflectiveOperationException e) {
      log.atWarn().addKeyValue("reason", e).log("handler of SIGHUP cannot be restored");
    }
  }
}
