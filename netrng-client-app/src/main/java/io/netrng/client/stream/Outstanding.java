package io.netrng.client.stream;

/**
 * The bytes that servers were asked for and have not sent. All sessions of a client share one count
 * because they fill the same buffer; the event loop alone uses it.
 */
final class Outstanding {

  private long bytes;

  long bytes() {
    return bytes;
  }

  void add(long more) {
    bytes += more;
  }

  void remove(long less) {
    bytes -= less;
  }
}
