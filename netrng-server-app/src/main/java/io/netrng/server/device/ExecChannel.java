// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;

/**
 * Reads the output of a program. A program that has written a block and ends with status 0 is run
 * again. The bytes of all runs are one stream, so a block may be shorter than the start-up test.
 * Every other end is a fault.
 */
final class ExecChannel implements DeviceChannel {

  private final Starter starter;
  private ProgramRun run;
  private boolean closed;

  /** Runs the program once. */
  interface Starter {
    ProgramRun start() throws IOException;
  }

  /** Starts the program. */
  ExecChannel(Starter starter) throws IOException {
    this.starter = starter;
    run = starter.start();
  }

  @Override
  public long read(ByteBuffer[] buffers, int offset, int length) throws IOException {
    ProgramRun current = current();
    long bytes = current.read(buffers, offset, length);
    while (bytes < 0) {
      current.requireSuccess();
      current = next();
      bytes = current.read(buffers, offset, length);
    }
    return bytes;
  }

  private synchronized ProgramRun current() {
    return run;
  }

  private synchronized ProgramRun next() throws IOException {
    run.end();
    if (closed) {
      throw new AsynchronousCloseException();
    }
    run = starter.start();
    return run;
  }

  /** A read never returns −1: it starts the next run, or fails. */
  @Override
  public End end() throws IOException {
    throw new IOException("ended");
  }

  /** The pipe stores bytes. */
  @Override
  public boolean stores() {
    return true;
  }

  @Override
  public synchronized boolean isOpen() {
    return !closed;
  }

  /** Ends the program, and waits for its end for 2 s at most. */
  @Override
  public void close() {
    ProgramRun last;
    synchronized (this) {
      closed = true;
      last = run;
    }
    last.end();
  }
}
