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
 * The device /dev/urandom with a description of the test's own.
 *
 * @param described provides the description
 */
record DrivenDevice(Supplier<DeviceInfo> described) implements Device {

  /** The description of a hardware RNG with this driver. */
  static DeviceInfo hardwareRng(String driver) {
    return new DeviceInfo("hwrng", driver, new HardwareRng(driver, null, List.of()), List.of());
  }

  private static final Device URANDOM = Device.of("/dev/urandom");

  @Override
  public String name() {
    return URANDOM.name();
  }

  @Override
  public String shortName() {
    return URANDOM.shortName();
  }

  @Override
  public void check() throws IOException {
    URANDOM.check();
  }

  @Override
  public Object identity() throws IOException {
    return URANDOM.identity();
  }

  @Override
  public DeviceInfo info() {
    return described.get();
  }

  @Override
  public String fixFor(IOException cause) {
    return URANDOM.fixFor(cause);
  }

  @Override
  public DeviceChannel open(long position) throws IOException {
    return URANDOM.open(position);
  }
}
