package io.netrng.server.source;

import io.netrng.protocol.ServerFrame.Welcome;
import io.netrng.startup.InvalidPropertyException;
import io.netrng.unit.DataRate;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where the entropy comes from and how it is cut.
 *
 * @param sampleSize bytes of entropy in each sample, from 16B to 64KB
 * @param source the devices
 * @param capacity what all devices together can give; measured if it is not set
 */
@ConfigurationProperties("netrng.server")
public record SourceProperties(
    @DefaultValue("2KB") DataSize sampleSize,
    @DefaultValue Source source,
    @Nullable DataRate capacity) {

  private static final DataRate LARGEST_CAPACITY = DataRate.valueOf("1TB/s");

  /** Checks the ranges. */
  public SourceProperties {
    if (sampleSize.toBytes() < Welcome.MIN_SAMPLE_SIZE
        || sampleSize.toBytes() > Welcome.MAX_SAMPLE_SIZE) {
      throw new InvalidPropertyException(
          "netrng.server.sample-size", sampleSize, "set it to a size from 16B to 64KB");
    }
    if (capacity != null
        && (capacity.bytesPerSecond() < 1 || capacity.compareTo(LARGEST_CAPACITY) > 0)) {
      throw new InvalidPropertyException(
          "netrng.server.capacity",
          capacity,
          "set it to a rate from 1B/s to 1TB/s, or leave it out to have it measured");
    }
  }

  /**
   * The devices.
   *
   * @param devices character devices, FIFOs or files to read, each by a thread of its own; a file
   *     is read once and never again from its start
   */
  public record Source(@DefaultValue("/dev/hwrng") List<Path> devices) {

    /** Checks that there is a device and that none is named twice. */
    public Source {
      if (devices.isEmpty()) {
        throw new InvalidPropertyException(
            "netrng.server.source.devices", "(empty)", "name at least one device");
      }
      Set<Path> seen = new HashSet<>();
      for (Path device : devices) {
        if (!seen.add(device.toAbsolutePath().normalize())) {
          throw new InvalidPropertyException(
              "netrng.server.source.devices", device, "name each device once");
        }
      }
      devices = List.copyOf(devices);
    }
  }
}
