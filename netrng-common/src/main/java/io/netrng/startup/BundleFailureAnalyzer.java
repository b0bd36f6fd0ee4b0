// SPDX-License-Identifier: Apache-2.0
package io.netrng.startup;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanInstantiationException;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/**
 * Describes an SSL bundle with unreadable files in one sentence. Spring reads all bundles at once.
 */
final class BundleFailureAnalyzer implements FailureAnalyzer {

  /** The name of Spring's bean for bundles. */
  private static final String REGISTRY = "sslBundleRegistry";

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof BeanCreationException bean && REGISTRY.equals(bean.getBeanName())) {
        return new FailureAnalysis(
            "spring.ssl.bundle cannot be used: " + String.join(": ", words(bean.getCause())) + ".",
            "Correct the files that it names, or the names, and start again.",
            failure);
      }
    }
    return null;
  }

  /** Returns the messages of the causes, without those that only repeat the next one. */
  private static List<String> words(@Nullable Throwable failure) {
    List<String> words = new ArrayList<>();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at.getMessage() == null ? at.toString() : at.getMessage();
      if (!(at instanceof BeanInstantiationException) && !words.contains(message)) {
        words.add(message);
      }
    }
    return words;
  }
}
