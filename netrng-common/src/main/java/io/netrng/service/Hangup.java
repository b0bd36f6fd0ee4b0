package io.netrng.service;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, which would end a JVM otherwise. The JDK's class for signals is called by reflection: it
 * is the only one there is, and the compiler's warning of it cannot be switched off.
 */
public final class Hangup {

  private static final Logger log = LoggerFactory.getLogger(Hangup.class);

  private Hangup() {}

  /**
   * Runs the action at each SIGHUP from now on.
   *
   * @return what lets SIGHUP do what it did before
   */
  // A proxy is equal to itself.
  @SuppressWarnings("ReferenceEquality")
  public static Runnable onSignal(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object hangup = signal.getConstructor(String.class).newInstance("HUP");
      InvocationHandler run =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  // The JDK makes a thread for each signal, which knows only what is not in Boot's
                  // jar.
                  Thread.currentThread().setContextClassLoader(Hangup.class.getClassLoader());
                  action.run();
                  yield null;
                }
                case "equals" -> arguments != null && proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "the handler of SIGHUP";
              };
      Object ours =
          Proxy.newProxyInstance(Hangup.class.getClassLoader(), new Class<?>[] {handler}, run);
      Object before = signal.getMethod("handle", signal, handler).invoke(null, hangup, ours);
      return () -> restore(signal, handler, hangup, before);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      log.atWarn().addKeyValue("reason", e).log("handler of SIGHUP cannot be installed");
      return () -> {};
    }
  }

  private static void restore(Class<?> signal, Class<?> handler, Object hangup, Object before) {
    try {
      var _ = signal.getMethod("handle", signal, handler).invoke(null, hangup, before);
    } catch (ReflectiveOperationException e) {
      log.atWarn().addKeyValue("reason", e).log("handler of SIGHUP cannot be restored");
    }
  }
}
