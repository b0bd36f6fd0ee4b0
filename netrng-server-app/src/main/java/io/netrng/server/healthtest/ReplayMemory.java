package io.netrng.server.healthtest;

import java.util.Arrays;

/**
 * The last windows of all devices, so that no window equals one of the last 4,096 of any of them.
 * Each device has a memory of its own: a fast one must not crowd out those of a slow one. Used by
 * the threads of all readers; one lock makes comparing and remembering a single step, so that of
 * two readers with the same window one fails for certain.
 */
public final class ReplayMemory {

  private final Digest digest;
  private ReplayedWindow[] devices = {};

  /**
   * Makes a memory of no device.
   *
   * @param key a random number, so that what is remembered of a window tells nothing about it
   */
  public ReplayMemory(long key) {
    digest = new Digest(key);
  }

  Digest digest() {
    return digest;
  }

  /** Adds a device. All are added before the first is read. */
  synchronized ReplayedWindow addDevice() {
    ReplayedWindow added = new ReplayedWindow(this);
    devices = Arrays.copyOf(devices, devices.length + 1);
    devices[devices.length - 1] = added;
    return added;
  }

  /**
   * Remembers the next window of a device.
   *
   * @param ofWindow its digest
   * @return whether no device has it among its last windows
   */
  boolean isNew(ReplayedWindow device, long ofWindow) {
    // The usual case takes no lock: one device, one thread.
    return devices.length == 1 ? device.add(ofWindow) : isNewAmongAll(device, ofWindow);
  }

  private synchronized boolean isNewAmongAll(ReplayedWindow device, long ofWindow) {
    boolean fresh = device.add(ofWindow);
    for (ReplayedWindow other : devices) {
      if (other != device && other.contains(ofWindow)) {
        fresh = false;
      }
    }
    return fresh;
  }
}
