// SPDX-License-Identifier: Apache-2.0
package io.netrng.egd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntConsumer;

/**
 * One connection of the EGD protocol. It answers the commands exactly, and in their order:
 *
 * <table>
 *   <caption>commands</caption>
 *   <tr><td>{@code 00}</td><td>the number of available bits, u32</td></tr>
 *   <tr><td>{@code 01 n}</td><td>a count k, and k bytes that are available without a wait</td></tr>
 *   <tr><td>{@code 02 n}</td><td>n bytes without a header, after any wait</td></tr>
 *   <tr><td>{@code 03 u16 n}, n bytes</td><td>entropy of the client; discarded, no answer</td></tr>
 *   <tr><td>{@code 04}</td><td>a count, and the number of this process in decimal digits</td></tr>
 * </table>
 *
 * <p>Any other command ends the connection once the commands before it are answered. All of it runs
 * on the connection's event loop.
 *
 * <pre>
 *   added -- active --> Serving -- unknown command --> Ended
 *                       |     ^                          ^
 *     a limit is        |     | answers                  |
 *     reached           v     | are written              | the connection is closed
 *                       Paused --------------------------+
 * </pre>
 *
 * <p>Paused means that nothing is read from the socket: {@value #MOST_PENDING} bytes or {@value
 * #MOST_ANSWERS} answers are pending, or the socket accepts no more bytes.
 */
public final class EgdConnection extends ChannelInboundHandlerAdapter {

  /** The requested bytes above which no further command is decoded. */
  static final int MOST_PENDING = 64 * 1024;

  /** The maximum number of pending answers; successive blocking reads count as one. */
  static final int MOST_ANSWERS = 256;

  /** The size of QEMU's requests, in bytes. */
  static final int QEMU_READ = 64;

  private static final int LEVEL = 0;
  private static final int READ_AVAILABLE = 1;
  private static final int READ_BLOCKING = 2;
  private static final int WRITE = 3;
  private static final int PID = 4;

  /** The command, a u16 and the length of the payload. */
  private static final int WRITE_HEADER_SIZE = 4;

  private static final long LARGEST_LEVEL = 0xffff_ffffL;

  private final EgdMode mode;
  private final EgdClients clients;
  private final IntConsumer onUnknownCommand;
  private final Deque<Answer> answers = new ArrayDeque<>();
  private State state = new State.Added();

  /** Received bytes that are not decoded. */
  private ByteBuf input = Unpooled.EMPTY_BUFFER;

  /** The bytes of all blocking reads that are pending. */
  private long pendingBytes;

  private boolean serving;
  private boolean readBurst;

  private sealed interface State {
    record Added() implements State {}

    record Serving(EgdSupply supply) implements State {}

    record Ended() implements State {}
  }

  private sealed interface Answer {
    record Level() implements Answer {}

    record Available(int most) implements Answer {}

    record Blocking(long bytes) implements Answer {}

    record Pid() implements Answer {}

    /** No answer: the connection ends here. */
    record Unknown(int command) implements Answer {}
  }

  /**
   * Creates the handler of one connection, which is the last one that uses its bytes.
   *
   * @param clients opens the entropy of the connection
   * @param onUnknownCommand called with a command that ends the connection
   */
  public EgdConnection(EgdMode mode, EgdClients clients, IntConsumer onUnknownCommand) {
    this.mode = mode;
    this.clients = clients;
    this.onUnknownCommand = onUnknownCommand;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start(ctx);
    ctx.fireChannelActive();
  }

  private void start(ChannelHandlerContext ctx) {
    if (state instanceof State.Added) {
      EgdSupply supply = clients.open(ctx.channel(), () -> serve(ctx));
      if (!ctx.channel().isActive()) {
        state = new State.Ended();
        supply.close();
        return;
      }
      state = new State.Serving(supply);
      if (mode == EgdMode.QEMU) {
        addBlocking(QEMU_READ);
      }
      serve(ctx);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (!(state instanceof State.Serving)) {
      bytes.release();
      return;
    }
    input = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), input, bytes);
    readBurst = true;
    serve(ctx);
  }

  /** Flushes the answers to all commands that were received together. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (readBurst) {
      readBurst = false;
      ctx.flush();
    }
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    serve(ctx);
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    end();
  }

  /** A client may reset its connection at any time. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      var _ = ctx.close();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  private void end() {
    if (state instanceof State.Serving(EgdSupply supply)) {
      supply.close();
    }
    state = new State.Ended();
    answers.clear();
    pendingBytes = 0;
    input.release();
    input = Unpooled.EMPTY_BUFFER;
  }

  /** Decodes and answers as much as the limits and the supply allow. */
  private void serve(ChannelHandlerContext ctx) {
    if (serving || !(state instanceof State.Serving(EgdSupply supply))) {
      return;
    }
    serving = true;
    try {
      boolean progress = true;
      while (progress && state instanceof State.Serving) {
        decode();
        progress = answer(ctx, supply);
        if (!ctx.channel().isWritable()) {
          ctx.flush();
          progress |= ctx.channel().isWritable();
        }
      }
      if (!readBurst) {
        ctx.flush();
      }
    } finally {
      serving = false;
    }
    if (state instanceof State.Serving) {
      ctx.channel().config().setAutoRead(hasCapacity() && ctx.channel().isWritable());
    }
  }

  private boolean hasCapacity() {
    return pendingBytes < MOST_PENDING
        && answers.size() < MOST_ANSWERS
        && !(answers.peekLast() instanceof Answer.Unknown);
  }

  /** Decodes complete commands up to the limits. */
  private void decode() {
    while (input.isReadable() && hasCapacity()) {
      int command = input.getUnsignedByte(input.readerIndex());
      int size =
          switch (command) {
            case READ_AVAILABLE, READ_BLOCKING -> 2;
            case WRITE -> writeSize();
            default -> 1;
          };
      if (input.readableBytes() < size) {
        return;
      }
      switch (command) {
        case LEVEL -> answers.add(new Answer.Level());
        case READ_AVAILABLE -> answers.add(new Answer.Available(argument()));
        case READ_BLOCKING -> addBlocking(argument());
        case WRITE -> {
          // The server's own devices are its only sources.
        }
        case PID -> answers.add(new Answer.Pid());
        default -> answers.add(new Answer.Unknown(command));
      }
      input.skipBytes(size);
    }
  }

  private int writeSize() {
    return input.readableBytes() < WRITE_HEADER_SIZE
        ? WRITE_HEADER_SIZE
        : WRITE_HEADER_SIZE + input.getUnsignedByte(input.readerIndex() + WRITE_HEADER_SIZE - 1);
  }

  private int argument() {
    return input.getUnsignedByte(input.readerIndex() + 1);
  }

  /** Successive answers have nothing between them, so that they are written together. */
  private void addBlocking(long bytes) {
    pendingBytes += bytes;
    long before = answers.peekLast() instanceof Answer.Blocking(long others) ? others : 0;
    if (before > 0) {
      answers.removeLast();
    }
    answers.add(new Answer.Blocking(before + bytes));
  }

  /** Returns whether at least one answer was complete or made progress. */
  private boolean answer(ChannelHandlerContext ctx, EgdSupply supply) {
    if (pendingBytes > 0) {
      supply.draw(pendingBytes);
    }
    boolean progress = false;
    for (Answer next = answers.peek();
        next != null && ctx.channel().isWritable();
        next = answers.peek()) {
      Written written =
          switch (next) {
            case Answer.Level() -> writeLevel(ctx, supply);
            case Answer.Available(int most) -> writeAvailable(ctx, supply, most);
            case Answer.Blocking(long bytes) -> writeBlocking(ctx, supply, bytes);
            case Answer.Pid() -> writePid(ctx);
            case Answer.Unknown(int command) -> refuse(ctx, command);
          };
      progress |= written != Written.NOTHING;
      if (written != Written.ALL) {
        break;
      }
      answers.poll();
    }
    return progress;
  }

  private enum Written {
    NOTHING,
    A_PART,
    ALL
  }

  private static Written writeLevel(ChannelHandlerContext ctx, EgdSupply supply) {
    long bytes = Math.min(supply.available(), LARGEST_LEVEL) + supply.ready();
    long bits = bytes < LARGEST_LEVEL / Byte.SIZE ? Byte.SIZE * bytes : LARGEST_LEVEL;
    var _ = ctx.write(ctx.alloc().directBuffer(Integer.BYTES).writeInt((int) bits));
    return Written.ALL;
  }

  private Written writeAvailable(ChannelHandlerContext ctx, EgdSupply supply, int most) {
    supply.draw(pendingBytes + most);
    int bytes = (int) Math.min(most, supply.available());
    var _ = ctx.write(ctx.alloc().directBuffer(1).writeByte(bytes));
    if (bytes > 0) {
      supply.write(ctx, bytes);
    }
    return Written.ALL;
  }

  private Written writeBlocking(ChannelHandlerContext ctx, EgdSupply supply, long bytes) {
    int written = bytes == 0 ? 0 : supply.write(ctx, (int) Math.min(bytes, Integer.MAX_VALUE));
    pendingBytes -= written;
    if (written == bytes) {
      return Written.ALL;
    }
    if (written == 0) {
      return Written.NOTHING;
    }
    answers.removeFirst();
    answers.addFirst(new Answer.Blocking(bytes - written));
    return Written.A_PART;
  }

  private static Written writePid(ChannelHandlerContext ctx) {
    String pid = Long.toString(ProcessHandle.current().pid());
    ByteBuf answer = ctx.alloc().directBuffer(1 + pid.length());
    answer.writeByte(pid.length()).writeCharSequence(pid, StandardCharsets.US_ASCII);
    var _ = ctx.write(answer);
    return Written.ALL;
  }

  private Written refuse(ChannelHandlerContext ctx, int command) {
    onUnknownCommand.accept(command);
    end();
    ctx.flush();
    var _ = ctx.close();
    return Written.NOTHING;
  }
}
