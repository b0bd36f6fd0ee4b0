// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.session;

import io.netrng.audit.AuditLog;
import io.netrng.clone.CloneHandler;
import io.netrng.server.source.Source;
import java.util.concurrent.Executor;

/**
 * Ends the server of a restored machine. Its clones hold the same epoch and the same ready samples,
 * so it sends no further sample.
 */
record CloneResponse(StreamServer server, SessionRegistry sessions, Source source, AuditLog audit)
    implements CloneHandler {

  @Override
  public Iterable<? extends Executor> networkThreads() {
    return server.threads();
  }

  @Override
  public void wipe() {
    source.discard();
    sessions.clients().forEach(ClientSession::discardRest);
  }

  @Override
  public void prepareReplacement() {
    source.stop();
    audit.close();
  }

  @Override
  public boolean hasProvided() {
    return source.stream().readySize() > 0;
  }
}
