// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import static org.awaitility.Awaitility.await;

import io.netrng.protocol.ServerFrame.Sample;
import io.netrng.server.healthtest.HealthTests;
import io.netrng.server.source.SourceProperties.DeviceProperties;
import io.netrng.unit.DataRate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ScatteringByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Creates objects of this package for the tests of all packages. */
public final class Sources {

  static final SourceProperties.Health HEALTH = new SourceProperties.Health(40, 8);

  private Sources() {}

  /** Returns health tests with the default settings. */
  static HealthTests tests() {
    return new HealthTests(HEALTH.cutoffs(8), 1);
  }

  /** Returns a quarantine that releases into the stream. */
  static Quarantine quarantine(SampleBuffer stream) {
    return new Quarantine(tests(), stream.sampleSize(), Output.into(stream));
  }

  /** Returns the number of samples that a healthy device releases after this many bytes. */
  public static int released(long size, int sampleSize) {
    long windows = size / HealthTests.WINDOW_SIZE;
    return (int) (Math.max(0, windows - 1) * HealthTests.WINDOW_SIZE / sampleSize);
  }

  /** Returns a stream without a reader. The test releases samples into it. */
  public static SampleBuffer stream(int sampleSize) {
    return new SampleBuffer(sampleSize);
  }

  /** Releases this many samples in one batch. All their bytes are 1. */
  public static void release(SampleBuffer stream, int samples) {
    release(stream, samples, PooledByteBufAllocator.DEFAULT);
  }

  /** Releases samples in memory of this allocator. */
  public static void release(SampleBuffer stream, int samples, ByteBufAllocator allocator) {
    stream.release(filled(new Slab(samples, stream.sampleSize(), allocator)).toBatch());
  }

  /** Destroys the ready samples. More samples can follow. */
  public static void clear(SampleBuffer stream) {
    stream.clear();
  }

  /** Destroys the ready samples and closes the stream. */
  public static void close(SampleBuffer stream) {
    stream.close();
  }

  /** Returns a source of these devices that has not started. */
  public static Source source(int sampleSize, Path... devices) {
    return source(sampleSize, null, devices);
  }

  /**
   * Returns a source of these devices that has not started. A capacity that is not null is fixed.
   */
  public static Source source(int sampleSize, @Nullable DataRate capacity, Path... devices) {
    return new Source(
        new SourceProperties(
            DataSize.ofBytes(sampleSize),
            new SourceProperties.Source(
                Arrays.stream(devices).map(d -> DeviceProperties.valueOf(d.toString())).toList(),
                false),
            HEALTH,
            capacity));
  }

  /** Takes the ready samples one by one, up to a maximum. */
  static List<SampleBatch> takeReady(SampleBuffer stream, int most) {
    return Stream.generate(() -> stream.poll(1, Long.MAX_VALUE))
        .limit(most)
        .takeWhile(Objects::nonNull)
        .toList();
  }

  static Slab slab(int samples, int sampleSize) {
    return filled(new Slab(samples, sampleSize));
  }

  private static Slab filled(Slab slab) {
    byte[] ones = new byte[slab.missing()];
    Arrays.fill(ones, (byte) 1);
    fill(slab, new Bytes(ones));
    return slab;
  }

  static void fill(Slab slab, Bytes channel) {
    while (slab.missing() > 0 && readFrom(slab, channel, slab.missing()) > 0) {
      // continues until one of them is exhausted
    }
  }

  static int readFrom(Slab slab, Bytes channel, int limit) {
    try {
      return slab.readFrom(channel, limit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the entropy of a batch without the headers. */
  static byte[] entropyOf(SampleBatch batch) {
    ByteBuf frames = batch.frames();
    try {
      int sampleSize = batch.size() / batch.samples();
      byte[] entropy = new byte[batch.size()];
      for (int i = 0; i < batch.samples(); i++) {
        int frame = i * (Sample.HEADER_SIZE + sampleSize);
        frames.getBytes(
            frames.readerIndex() + frame + Sample.HEADER_SIZE, entropy, i * sampleSize, sampleSize);
      }
      return entropy;
    } finally {
      frames.release();
    }
  }

  /** Waits for this many samples and returns their bytes in the order of the stream. */
  static byte[] take(SampleBuffer stream, int samples) {
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    int size = samples * stream.sampleSize();
    await("the device releases " + samples + " samples")
        .pollInterval(Duration.ofMillis(5))
        .until(() -> {
          SampleBatch batch =
              stream.poll((size - taken.size()) / stream.sampleSize(), Long.MAX_VALUE);
          while (batch != null) {
            taken.writeBytes(entropyOf(batch));
            batch.release();
            batch =
                taken.size() < size
                    ? stream.poll((size - taken.size()) / stream.sampleSize(), Long.MAX_VALUE)
                    : null;
          }
          return taken.size() == size;
        });
    stream.demandEnded();
    return taken.toByteArray();
  }

  /** A channel of an array with a maximum size per read. */
  static final class Bytes implements ScatteringByteChannel {

    private final ByteBuffer bytes;
    private int most = Integer.MAX_VALUE;

    Bytes(byte[] bytes) {
      this.bytes = ByteBuffer.wrap(bytes);
    }

    void giveAtMost(int size) {
      most = size;
    }

    int position() {
      return bytes.position();
    }

    @Override
    public long read(ByteBuffer[] buffers, int offset, int length) {
      if (!bytes.hasRemaining()) {
        return -1;
      }
      int read = 0;
      for (int i = offset; i < offset + length; i++) {
        while (buffers[i].hasRemaining() && bytes.hasRemaining() && read < most) {
          buffers[i].put(bytes.get());
          read++;
        }
      }
      return read;
    }

    @Override
    public long read(ByteBuffer[] buffers) {
      return read(buffers, 0, buffers.length);
    }

    @Override
    public int read(ByteBuffer buffer) {
      return (int) read(new ByteBuffer[] {buffer});
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
