// SPDX-License-Identifier: Apache-2.0
package io.netrng.client.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.jmdns.JmDNS;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JmdnsBrowserTest {

  private static final int PATIENCE_MILLIS = 20_000;
  private static final InetAddress FIRST = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

  private final JmDNS opened = mock(JmDNS.class);
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final List<InetAddress> opens = new CopyOnWriteArrayList<>();
  private volatile InetAddress address = FIRST;
  private volatile boolean hasRoute = true;

  private final JmdnsBrowser browser =
      new JmdnsBrowser(
          new JmdnsBrowser.Network() {
            @Override
            public InetAddress address() throws IOException {
              if (!hasRoute) {
                throw new IOException("no route");
              }
              return address;
            }

            @Override
            public JmDNS open(InetAddress at) {
              opens.add(at);
              return opened;
            }
          });

  private final MdnsBrowser.Listener listener =
      new MdnsBrowser.Listener() {
        @Override
        public void onService(String name, List<SrvRecord> addresses) {}

        @Override
        public void onRemoval(String name) {}

        @Override
        public void onFailure(String reason) {
          failures.add(reason);
        }
      };

  private void start() {
    browser.start(listener);
    verify(opened, timeout(PATIENCE_MILLIS)).addServiceListener(anyString(), any());
  }

  private void awaitFailure(String reason) {
    await("the failure is reported").until(() -> !failures.isEmpty());
    assertThat(failures).singleElement().asString().contains(reason);
  }

  @ParameterizedTest
  @ValueSource(classes = {IllegalStateException.class, NoClassDefFoundError.class})
  void closesWhatItHasOpenedIfTheStartFails(Class<? extends Throwable> fault) throws Exception {
    doThrow(fault).when(opened).addServiceListener(anyString(), any());
    browser.start(listener);
    awaitFailure(fault.getSimpleName());
    verify(opened, timeout(PATIENCE_MILLIS)).close();
  }

  @Test
  void failsWithoutAnAddress() {
    hasRoute = false;
    browser.start(listener);
    awaitFailure("no route");
    assertThat(opens).isEmpty();
  }

  @Test
  void endsIfAnotherInterfaceHasTheDefaultRoute() throws Exception {
    // given
    start();

    // when
    address = OTHER;
    browser.checkInterface();

    // then
    awaitFailure("the default route now uses the address 192.0.2.2");
    verify(opened, timeout(PATIENCE_MILLIS)).close();
    browser.start(listener);
    await("the other interface is open").until(() -> opens.equals(List.of(FIRST, OTHER)));
  }

  @Test
  void keepsTheInterfaceWhileTheRouteIsTheSameOrMissing() throws Exception {
    start();
    browser.checkInterface();
    hasRoute = false;
    browser.checkInterface();
    browser.stop();
    verify(opened, timeout(PATIENCE_MILLIS)).close();
    assertThat(failures).isEmpty();
    assertThat(opens).containsExactly(FIRST);
  }
}
