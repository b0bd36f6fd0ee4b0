// SPDX-License-Identifier: Apache-2.0
package io.netrng.signal;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles a signal that ends a JVM by default. It calls {@code sun.misc.Signal} by reflection. The
 * JDK has no other class for signals, and the compiler's warning about it cannot be suppressed.
 */
public final class SignalHandler {

  private static final Logger log = LoggerFactory.getLogger(SignalHandler.class);

  private SignalHandler() {}

  /**
   * Runs the action at each signal from now on, on a thread of the JDK.
   *
   * @param name of the signal, such as {@code HUP}
   * @return restores the previous handler
   */
  public static Runnable install(String name, Runnable action) {
    ClassLoader loader = SignalHandler.class.getClassLoader();
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Method handle = signal.getMethod("handle", signal, handler);
      Object number = signal.getConstructor(String.class).newInstance(name);
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
      Object before = handle.invoke(null, number, ours);
      return () -> restore(handle, number, before);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      log.atWarn()
          .addKeyValue("signal", name)
          .addKeyValue("reason", e)
          .log("signal cannot be handled");
      return () -> {};
    }
  }

  private static void restore(Method handle, Object number, Object before) {
    try {
      var _ = handle.invoke(null, number, before);
    } catch (ReflectiveOperationException e) {
      log.atWarn()
          .addKeyValue("signal", number)
          .addKeyValue("reason", e)
          .log("handler of the signal cannot be restored");
    }
  }
}
