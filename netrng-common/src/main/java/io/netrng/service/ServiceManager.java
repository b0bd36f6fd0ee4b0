package io.netrng.service;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who started this process as a service, and is told how it does: systemd, by the datagrams of
 * sd_notify(3). Where nobody asks for them, nothing is told.
 */
public final class ServiceManager implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

  private static final String SOCKET = "NOTIFY_SOCKET";
  private static final String WATCHDOG = "WATCHDOG_USEC";
  private static final String WATCHDOG_PROCESS = "WATCHDOG_PID";

  private final @Nullable NotifySocket socket;
  private final Duration watchdog;
  private volatile boolean serving;
  private String lastStatus = "";

  /**
   * Looks for a manager.
   *
   * @param environment the variables of this process, where the manager says what it wants to hear
   */
  public ServiceManager(Map<String, String> environment) {
    socket = open(environment.get(SOCKET));
    watchdog = watchdog(environment);
  }

  private static @Nullable NotifySocket open(@Nullable String address) {
    if (address == null) {
      return null;
    }
    try {
      return NotifySocket.open(address);
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("address", address)
          .addKeyValue("reason", e.getMessage())
          .log("service manager cannot be notified");
      return null;
    }
  }

  private static Duration watchdog(Map<String, String> environment) {
    String own = Long.toString(ProcessHandle.current().pid());
    String micros = environment.getOrDefault(WATCHDOG, "");
    boolean ours = environment.getOrDefault(WATCHDOG_PROCESS, own).equals(own);
    return ours && micros.matches("[0-9]{1,18}")
        ? Duration.of(Long.parseLong(micros), ChronoUnit.MICROS)
        : Duration.ZERO;
  }

  /** After how long without a sign of life the process is killed; zero means never. */
  Duration watchdog() {
    return watchdog;
  }

  /** The app serves, from now on. */
  void ready() {
    serving = true;
    tell("READY=1");
  }

  /**
   * The app reloads its configuration.
   *
   * @param reading does so, and has done so when it returns
   */
  public void reloading(Runnable reading) {
    boolean told = serving;
    if (told) {
      tell("RELOADING=1");
    }
    try {
      reading.run();
    } finally {
      if (told) {
        tell("READY=1");
      }
    }
  }

  /** The app ends, from now on. */
  void stopping() {
    serving = false;
    tell("STOPPING=1");
  }

  /** The app is alive, and sound. */
  void alive() {
    tell("WATCHDOG=1");
  }

  /**
   * Says how the app is, if that has changed.
   *
   * @param status one line; another server may have had a hand in it, so that what would begin a
   *     second one, and with it another message, is taken out
   */
  void status(String status) {
    String line = status.replaceAll("\\p{Cntrl}+", " ");
    if (!line.equals(lastStatus)) {
      lastStatus = line;
      tell("STATUS=" + line);
    }
  }

  /** Does something again and again on a thread of its own, if there is somebody to tell. */
  void every(Duration interval, Runnable task) {
    if (socket != null) {
      socket.every(interval, () -> attempt(task));
    }
  }

  /** An executor would swallow what nobody foresaw, and never run the task again. */
  private static void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("report to the service manager failed unexpectedly");
    }
  }

  private void tell(String message) {
    if (socket != null) {
      socket.send(message);
    }
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
