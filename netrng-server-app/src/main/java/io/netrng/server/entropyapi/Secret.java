// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netrng.server.session.ByteClient;
import io.netrng.server.source.SampleBatch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.util.ArrayList;
import java.util.List;

/**
 * A fixed number of bytes of entropy in one piece outside the heap, for an answer that must encode
 * them. Used on the event loop of the connection.
 */
final class Secret {

  private final ByteBuf bytes;
  private List<ByteClient.Part> parts = new ArrayList<>();

  /** Allocates the memory, which {@link #destroy} frees. */
  Secret(int size, ChannelHandlerContext connection) {
    bytes = connection.alloc().directBuffer(size, size);
  }

  /** Takes available bytes, and returns how many. */
  int fill(ByteClient from) {
    ByteClient.Part part = from.take(bytes.writableBytes());
    int size = part.bytes().readableBytes();
    bytes.writeBytes(part.bytes());
    part.bytes().release();
    parts.add(part);
    return size;
  }

  boolean isFull() {
    return !bytes.isWritable();
  }

  /** The bytes, for a reader that does not keep them. */
  ByteBuf bytes() {
    return bytes;
  }

  /**
   * Writes the encoded bytes, which are zeroed once they are in the socket, and zeroes the bytes.
   *
   * @param encoded a buffer outside the heap
   */
  void write(ByteBuf encoded, ChannelHandlerContext to) {
    List<ByteClient.Part> written = parts;
    clear();
    encoded.retain();
    to.write(new DefaultHttpContent(encoded))
        .addListener(future -> {
          zero(encoded);
          encoded.release();
          for (ByteClient.Part part : written) {
            part.operationComplete(future);
          }
        });
  }

  private void clear() {
    zero(bytes);
    bytes.clear();
    parts = new ArrayList<>();
  }

  void destroy() {
    clear();
    bytes.release();
  }

  private static void zero(ByteBuf memory) {
    SampleBatch.zero(memory.nioBuffer(0, memory.capacity()));
  }
}
