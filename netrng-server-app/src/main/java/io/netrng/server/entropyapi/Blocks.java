// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The parameters of a request for entropy.
 *
 * @param size the number of bytes of each block
 * @param count the number of blocks
 */
record Blocks(int size, int count) {

  /** The only type of entropy. */
  static final String TYPE = "hardware";

  private static final int DEFAULT_SIZE = 32;
  private static final int MOST_BLOCK = 64 * 1024;
  private static final String BYTES = "bytes";

  /** All entropy of the answer, in bytes. */
  long bytes() {
    return (long) size * count;
  }

  /** The greatest block of an answer in JSON, in bytes. */
  static int mostSize(long mostBytes) {
    return (int) Math.min(MOST_BLOCK, mostBytes);
  }

  /** The greatest number of blocks of an answer in JSON. */
  static int mostCount(long mostBytes) {
    return (int) (mostBytes / mostSize(mostBytes));
  }

  /**
   * Reads the query of {@code /v1/random}.
   *
   * @param mostBytes the maximum of one answer
   */
  static Blocks ofQuery(Map<String, List<String>> query, long mostBytes) throws Rejection {
    List<String> values = query.getOrDefault(BYTES, List.of(Integer.toString(DEFAULT_SIZE)));
    if (values.size() != 1) {
      throw Rejection.parameter("bytes is there %d times: name it once.".formatted(values.size()));
    }
    try {
      return new Blocks(inRange(BYTES, Long.parseLong(values.getFirst()), mostBytes), 1);
    } catch (NumberFormatException e) {
      throw Rejection.parameter("bytes is no number: name 1 to %d.".formatted(mostBytes));
    }
  }

  /**
   * Reads the body of {@code /v1/entropy}.
   *
   * @param mostBytes the maximum of one answer
   */
  static Blocks ofJson(JsonMapper json, ByteBuf body, long mostBytes) throws Rejection {
    JsonNode request = parse(json, body);
    if (request.path("block_size").isMissingNode()) {
      throw Rejection.parameter("block_size is missing: name the bytes of a block.");
    }
    int size = inRange("block_size", number(request, "block_size", 1), mostSize(mostBytes));
    int count = inRange("block_count", number(request, "block_count", 1), mostCount(mostBytes));
    JsonNode type = request.path("entropy_type");
    if (!type.isMissingNode() && !(type.isString() && type.asString().equals(TYPE))) {
      throw Rejection.parameter("entropy_type is unknown: leave it out, or name " + TYPE + ".");
    }
    return new Blocks(size, count);
  }

  private static JsonNode parse(JsonMapper json, ByteBuf body) throws Rejection {
    try {
      JsonNode node = json.readTree(new ByteBufInputStream(body));
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException e) {
      // The answer below has all that the sender needs to know.
    }
    throw Rejection.parameter("the body is no JSON object: send {\"block_size\":32}.");
  }

  private static long number(JsonNode request, String name, long otherwise) throws Rejection {
    JsonNode value = request.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw Rejection.parameter(name + " is no whole number of a usual size.");
    }
    return value.asLong();
  }

  private static int inRange(String name, long value, long most) throws Rejection {
    if (value < 1 || value > most) {
      throw Rejection.parameter(
          "%s = %d is out of range: name 1 to %d.".formatted(name, value, most));
    }
    return (int) value;
  }
}
