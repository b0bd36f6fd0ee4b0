// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records what a sink does with the pool, and refuses it on request. */
final class FakePool implements Pool {

  /**
   * What was done, in order: {@code add BITS FIRST SIZE}, {@code mix FIRST SIZE}, reseed, close.
   */
  final List<String> calls = new CopyOnWriteArrayList<>();

  /** The bytes of all calls, in order. */
  final List<Byte> received = new CopyOnWriteArrayList<>();

  volatile boolean refuses;

  /** Whether the generator has a seed. */
  volatile boolean ready = true;

  private final ByteBuffer bytes = ByteBuffer.allocateDirect(KernelPool.SIZE);

  Pool open() throws IOException {
    accept();
    return this;
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  private void accept() throws IOException {
    if (refuses) {
      throw new IOException("not now");
    }
  }

  private void receive() {
    List<Byte> now = new ArrayList<>();
    while (bytes.hasRemaining()) {
      now.add(bytes.get());
    }
    received.addAll(now);
  }

  @Override
  public void add(int bits) throws IOException {
    accept();
    calls.add("add " + bits + " for " + bytes.remaining());
    receive();
  }

  @Override
  public void mix() throws IOException {
    accept();
    calls.add("mix " + bytes.remaining());
    receive();
  }

  @Override
  public boolean reseed() {
    calls.add("reseed");
    return ready;
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
