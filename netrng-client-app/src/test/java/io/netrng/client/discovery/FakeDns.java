// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Name servers whose answers the test determines. */
public final class FakeDns implements Dns {

  private final Map<String, SrvAnswer> answers = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private List<String> searchDomains = List.of();

  /** Answers with these records from now on. */
  public void found(String name, Duration ttl, SrvRecord... records) {
    answers.put(name, new SrvAnswer.Found(List.of(records), ttl));
  }

  /** Answers that there is no such service from now on. */
  public void none(String name, Duration ttl) {
    answers.put(name, new SrvAnswer.None("no such name", ttl));
  }

  /** Does not answer from now on. */
  public void failed(String name) {
    answers.put(name, new SrvAnswer.Failed("no name server answers"));
  }

  public void searchDomains(String... domains) {
    searchDomains = List.of(domains);
  }

  /** Returns the names that were asked for since the last call. */
  public List<String> asked() {
    List<String> all = List.copyOf(asked);
    asked.clear();
    return all;
  }

  @Override
  public void lookUp(String name, Consumer<SrvAnswer> callback) {
    asked.add(name);
    callback.accept(answers.getOrDefault(name, new SrvAnswer.Failed("no answer for " + name)));
  }

  @Override
  public List<String> searchDomains() {
    return searchDomains;
  }
}
