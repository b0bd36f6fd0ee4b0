// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.sink;

import java.nio.ByteBuffer;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Creates the selected sink and its buffer. */
@Configuration(proxyBeanMethods = false)
class SinkConfiguration {

  @Bean
  FeedBuffer feedBuffer() {
    return new FeedBuffer(ByteBuffer.allocateDirect(FeedBuffer.CAPACITY));
  }

  @Bean
  Sink sink(SinkKind kind, List<SinkFactory> factories, FeedBuffer feed) {
    return factories.stream()
        .filter(factory -> factory.kind() == kind)
        .findFirst()
        .orElseThrow()
        .create(feed);
  }
}
