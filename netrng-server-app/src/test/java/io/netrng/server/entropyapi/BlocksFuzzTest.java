// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.entropyapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netrng.testing.Corpus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads any parameters of a request for entropy. The lowest bit of the first byte of an input
 * selects a query or a body of JSON. The other bytes are the text.
 */
@Tag("slow")
class BlocksFuzzTest {

  private static final long MOST_BYTES = 1 << 20;
  private static final JsonMapper JSON = new JsonMapper();

  static Stream<Named<byte[]>> corpus() {
    return Corpus.of(BlocksFuzzTest.class);
  }

  @MethodSource("corpus")
  @FuzzTest
  void readsParametersWithinTheirRangesOrNamesTheFault(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] text = Arrays.copyOfRange(input, 1, input.length);
    ByteBuf body = Unpooled.wrappedBuffer(text);
    try {
      Blocks blocks;
      if ((input[0] & 1) == 0) {
        String uri = "/v1/random?" + new String(text, StandardCharsets.ISO_8859_1);
        blocks = Blocks.ofQuery(Query.of(uri).parameters(), MOST_BYTES);
        assertThat(blocks.count()).isOne();
        assertThat(blocks.size()).isBetween(1, (int) MOST_BYTES);
      } else {
        blocks = Blocks.ofJson(JSON, body, MOST_BYTES);
        assertThat(blocks.size()).isBetween(1, 65_536);
        assertThat(blocks.count()).isBetween(1, 16);
      }
      assertThat(blocks.bytes()).isBetween(1L, MOST_BYTES);
    } catch (Rejection e) {
      assertThat(e.status())
          .isIn(HttpResponseStatus.UNPROCESSABLE_ENTITY, HttpResponseStatus.BAD_REQUEST);
      assertThat(e.detail()).endsWith(".");
    }
  }
}
