// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.device.Device;
import io.netrng.server.device.DeviceChannel;
import io.netrng.server.device.DeviceInfo;
import io.netrng.server.device.HardwareRng;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/**
 * A device with a description of the test's own.
 *
 * @param device gives the bytes
 * @param described provides the description
 */
record DrivenDevice(Device device, Supplier<DeviceInfo> described) implements Device {

  /** The device /dev/urandom. */
  DrivenDevice(Supplier<DeviceInfo> described) {
    this(Device.of("/dev/urandom"), described);
  }

  /** The description of a hardware RNG with this driver. */
  static DeviceInfo hardwareRng(String driver) {
    return new DeviceInfo("hwrng", driver, new HardwareRng(driver, null, List.of()), List.of());
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public String shortName() {
    return device.shortName();
  }

  @Override
  public void check() throws IOException {
    device.check();
  }

  @Override
  public Object identity() throws IOException {
    return device.identity();
  }

  @Override
  public DeviceInfo info() {
    return described.get();
  }

  @Override
  public String fixFor(IOException cause) {
    return device.fixFor(cause);
  }

  @Override
  public DeviceChannel open(long position) throws IOException {
    return device.open(position);
  }
}
