// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.healthtest;

import java.util.Arrays;

/**
 * The last windows of all devices; no window may equal one of the last 4,096 of any device. Each
 * device has a memory of its own, so that a fast device does not displace the windows of a slow
 * one. Used by the threads of all readers. One lock makes comparing and remembering a single step,
 * so that of two readers with the same window one always fails.
 */
public final class ReplayMemory {

  private final Digest digest;
  private ReplayedWindow[] devices = {};

  /**
   * Creates a memory without devices.
   *
   * @param key a random number, so that a window's digest reveals nothing about it
   */
  public ReplayMemory(long key) {
    digest = new Digest(key);
  }

  Digest digest() {
    return digest;
  }

  /** Adds a device. All devices are added before the first is read. */
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
    // The usual case needs no lock: one device, one thread.
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
