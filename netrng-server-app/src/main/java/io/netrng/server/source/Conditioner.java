// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.source;

import io.netrng.server.conditioning.Sha512;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Conditions the bytes that leave a quarantine: each 64 bytes of the output are the SHA-512 digest
 * of the next {@link Conditioning#inputSize} bytes, of which none is skipped or used twice.
 *
 * <p>The context of the digest holds the bytes of an incomplete input, so no second buffer does. A
 * batch is digested and zeroed at once, and whole samples are released at once, because the next
 * batch of a slow device may arrive much later. Memory is occupied from the first batch to {@link
 * #destroy}.
 */
final class Conditioner implements Output {

  private final SampleBuffer stream;
  private final ByteBufAllocator allocator;
  private final int sampleSize;
  private final int inputSize;

  /** The bytes that the next digest still takes. */
  private int missing;

  private @Nullable Digesting digesting;

  /** Digests that do not fill a sample yet; null if there are none. */
  private @Nullable Slab slab;

  /** The digest, and the memory outside the heap for its results. */
  private record Digesting(Sha512 sha512, Arena arena, MemorySegment result) {

    static Digesting create() {
      Arena arena = Arena.ofConfined();
      return new Digesting(new Sha512(), arena, arena.allocate(Sha512.SIZE));
    }

    void close() {
      sha512.close();
      result.fill((byte) 0);
      arena.close();
    }
  }

  /**
   * Creates a conditioner.
   *
   * @param minEntropy bits of min-entropy claimed for each byte of the device
   */
  Conditioner(SampleBuffer stream, double minEntropy) {
    this(stream, minEntropy, PooledByteBufAllocator.DEFAULT);
  }

  Conditioner(SampleBuffer stream, double minEntropy, ByteBufAllocator allocator) {
    this.stream = stream;
    this.allocator = allocator;
    sampleSize = stream.sampleSize();
    inputSize = Conditioning.inputSize(minEntropy);
    missing = inputSize;
  }

  @Override
  public void take(SampleBatch batch) {
    try {
      int left = batch.size();
      reserve((inputSize - missing + left) / inputSize * Sha512.SIZE);
      for (int i = 0; i < batch.samples(); i++) {
        ByteBuf entropy = batch.entropy(i);
        try {
          condition(MemorySegment.ofBuffer(entropy.nioBuffer()), left);
        } finally {
          entropy.release();
        }
        left -= sampleSize;
      }
    } finally {
      batch.release();
    }
    releaseWhole();
  }

  /**
   * Makes space for the digests of a batch.
   *
   * @param size their size, in bytes
   */
  private void reserve(int size) {
    Slab old = slab;
    int filled = old == null ? 0 : old.filled();
    int space = old == null ? 0 : old.missing();
    int samples = Math.min(Math.ceilDiv(filled + size, sampleSize), Slab.mostSamples(sampleSize));
    if (samples * sampleSize > filled + space) {
      Slab larger = new Slab(samples, sampleSize, allocator);
      slab = larger;
      if (old != null) {
        old.copyPartTo(larger);
        old.destroy();
      }
    }
  }

  /**
   * Digests bytes.
   *
   * @param following the number of these bytes and those after them in the batch
   */
  private void condition(MemorySegment bytes, int following) {
    Digesting current = digesting;
    if (current == null) {
      current = Digesting.create();
      digesting = current;
    }
    for (long from = 0; from < bytes.byteSize(); ) {
      long length = Math.min(missing, bytes.byteSize() - from);
      current.sha512.update(bytes.asSlice(from, length));
      from += length;
      missing -= (int) length;
      if (missing == 0) {
        missing = inputSize;
        current.sha512.finish(current.result);
        if (following - from < inputSize) {
          // No later digest of this batch overwrites the stored bytes.
          current.sha512.wipe();
        }
        add(current.result);
      }
    }
  }

  private void add(MemorySegment result) {
    ByteBuffer bytes = result.asByteBuffer();
    while (bytes.hasRemaining()) {
      Slab current = slab;
      if (current == null || current.missing() == 0) {
        releaseWhole();
        current = new Slab(1, sampleSize, allocator);
        slab = current;
      }
      current.put(bytes);
    }
    result.fill((byte) 0);
  }

  /** Releases the whole samples and keeps the bytes after them. */
  private void releaseWhole() {
    Slab full = slab;
    if (full == null || full.whole() == 0) {
      return;
    }
    Slab rest = null;
    if (full.filled() > full.whole() * sampleSize) {
      rest = new Slab(1, sampleSize, allocator);
      full.copyPartTo(rest);
    }
    slab = rest;
    stream.release(full.toBatch());
  }

  @Override
  public void destroy() {
    if (slab != null) {
      slab.destroy();
      slab = null;
    }
    if (digesting != null) {
      digesting.close();
      digesting = null;
    }
    missing = inputSize;
  }
}
