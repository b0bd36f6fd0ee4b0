// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netrng.net.HostName;
import io.netrng.testkit.Message;
import io.netrng.testkit.RawClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/** The server's page in a real browser, as people use it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageIT {

  private static final int MANY = 1_000;

  /** WCAG 2.2, 2.5.8: targets of at least 24 by 24 CSS pixels. */
  private static final String SMALL_TARGETS =
      """
      return [...document.querySelectorAll('button, select, input:not([type=radio]), a.button, summary')]
        .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('dialog'))
        .filter(e => e.getBoundingClientRect().height < 24 || e.getBoundingClientRect().width < 24)
        .map(e => e.outerHTML);
      """;

  /** The buttons of the rows that would need a horizontal scroll, and a page that is too wide. */
  private static final String HIDDEN_ACTIONS =
      """
      const hidden = [...document.querySelectorAll('#client-rows button')].filter(e => {
        e.scrollIntoView({ block: 'center', inline: 'nearest' });
        const { left, right, top, bottom } = e.getBoundingClientRect();
        return left < 0 || right > innerWidth
          || document.elementFromPoint((left + right) / 2, (top + bottom) / 2) !== e;
      }).map(e => e.ariaLabel);
      const { scrollWidth } = document.documentElement;
      return scrollWidth > innerWidth ? [...hidden, `the page has ${scrollWidth} pixels`] : hidden;
      """;

  private PageStage stage;
  private Browser browser;
  private Crowd crowd;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    stage = new PageStage(directory, 2 * MANY);
    browser = stage.browser();
    crowd = stage.crowd();
  }

  @AfterAll
  void stop() {
    stage.close();
  }

  @BeforeEach
  void logIn() throws Exception {
    stage.logIn();
  }

  @AfterEach
  void everybodyLeavesAndTheConsoleIsEmpty() throws Exception {
    stage.clear();
    browser.resize(1_280, 900);
    assertThat(browser.console()).isEmpty();
  }

  @Test
  void rejectsAWrongTokenAndLogsInWithTheAdminToken() throws Exception {
    // given
    browser.activate("Log out");
    browser.awaitShown("[role=status]", "You are logged out.");
    browser.open("/");
    assertThat(browser.path()).isEqualTo("/login");

    // when
    browser.logIn("not the token");

    // then
    browser.awaitShown("[role=alert]", "The token is wrong.");
    browser.awaitShown(".hint", "The token is in " + AppProcess.adminTokenFile());
    browser.awaitFocused("Administrator's token");
    for (String scheme : List.of("light", "dark")) {
      browser.prefer(scheme);
      assertThat(browser.violations()).as(scheme).isEmpty();
    }
    browser.screenshot("login");

    // when
    browser.logIn(AppProcess.adminToken());

    // then
    browser.awaitText("#state", "healthy");
    assertThat(browser.path()).isEqualTo("/");
    assertThat(browser.title()).isEqualTo("healthy · " + HostName.get());
  }

  @Test
  void theHeaderShowsTheServerItsProtectionItsRateAndItsDevices() throws Exception {
    // when
    crowd.draw("web-1", 8);

    // then
    assertThat(browser.text("h1")).isEqualTo("NetRNG server " + HostName.get());
    assertThat(browser.text("#facts [data-field=version]")).matches("\\d+\\.\\d+.*");
    assertThat(browser.text("#facts [data-field=uptime]")).matches("\\d+ (s|min).*");
    assertThat(browser.text("#facts [data-field=stream]")).matches("127.0.0.1:\\d+, no TLS");
    assertThat(browser.text("#facts [data-field=devices]"))
        .contains(stage.device().path() + " (FIFO)", stage.other().path() + " (FIFO)");
    await("the total rate is shown")
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(
            () -> assertThat(browser.text("#facts [data-field=rate]")).matches("[1-9].* K?B/s"));
  }

  @Test
  void showsClientsWithTheirCurrentRatesGuaranteesAndCeilings() throws Exception {
    // when
    crowd.draw("web-1", 8);
    crowd.draw("db-1", 4);

    // then
    await("both are given something")
        .atMost(AppProcess.PATIENCE)
        .untilAsserted(() -> {
          assertThat(browser.cell("client-rows", "web-1", "rate")).matches("[1-9].* K?B/s");
          assertThat(browser.cell("client-rows", "db-1", "rate")).matches("[1-9].* K?B/s");
        });
    assertThat(browser.cell("client-rows", "web-1", "guarantee")).isEqualTo("4.0 KB/s");
    assertThat(browser.cell("client-rows", "db-1", "guarantee")).isEqualTo("64 B/s");
    assertThat(browser.cell("client-rows", "db-1", "ceiling")).isEqualTo("none");
    assertThat(
            browser
                .find("#client-rows tr:first-child [data-field=address]")
                .getDomAttribute("title"))
        .isEqualTo("no TLS");
    browser.awaitText("#promise-text", "Guaranteed: 4.1 KB/s of 180 KB/s; capacity 200 KB/s");
    String curve = "#client-rows tr:first-child svg path:last-child";
    String before = browser.find(curve).getDomAttribute("d");
    await("the curve grows")
        .atMost(AppProcess.PATIENCE)
        .until(() -> !before.equals(browser.find(curve).getDomAttribute("d")));
    assertThat(browser.text("#client-rows tr:first-child svg title"))
        .matches("now .* K?B/s, from .* to .* in \\d+ s");
  }

  @Test
  void filtersSortsAndPagesAThousandClients() throws Exception {
    // given
    for (int i = 0; i < MANY; i++) {
      crowd.join("idle-" + i);
    }
    browser.awaitText("#range", "1 to 100 of 1,000");
    assertThat(browser.text("#client-rows tr:nth-child(3) th")).isEqualTo("idle-2");
    assertThat(browser.text("#client-rows tr:nth-child(11) th")).isEqualTo("idle-10");

    // when, then
    browser.tabTo("Name contains");
    browser.press("LE-77");
    browser.awaitText("#range", "1 to 11 of 11");
    browser.press("7");
    browser.awaitText("#range", "1 to 1 of 1");
    assertThat(browser.text("#client-rows")).contains("idle-777");
    browser.press("x");
    browser.awaitShown("#no-match", "No name of a connected client contains \"LE-777x\".");
    browser.press(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
    browser.awaitText("#range", "1 to 100 of 1,000");

    // when
    browser.activate("Client");

    // then
    browser.awaitText("#client-rows tr:first-child th", "idle-999");
    assertThat(browser.find("th:has(:focus)").getDomAttribute("aria-sort")).isEqualTo("descending");
    browser.find("#next").click();
    browser.awaitText("#range", "101 to 200 of 1,000");
    browser.awaitText("#client-rows tr:first-child th", "idle-899");
  }

  @Test
  void kicksAClientAndLiftsItsHoldWithTheKeyboardAlone() throws Exception {
    // given
    RawClient client = crowd.join("web-1");
    browser.awaitText("#client-rows", "web-1");

    // when the question is answered with no
    browser.activate("Kick web-1");
    assertThat(browser.text("#kick-title")).isEqualTo("Kick web-1?");
    assertThat(browser.text("#kick-effect"))
        .isEqualTo("Closes this connection. The client may connect again after a minute.");
    browser.press(Keys.ESCAPE);

    // then
    assertThat(browser.focused()).isEqualTo("Kick web-1");
    assertThat(browser.count("dialog[open]")).isZero();

    // when it is answered with yes, for five minutes
    browser.press(Keys.ENTER);
    browser.press(Keys.ARROW_DOWN);
    assertThat(browser.text("#kick-effect"))
        .isEqualTo(
            "Closes all connections of the identity web-1 with the label web-1, and refuses them"
                + " for 5 min.");
    browser.activate("Kick");

    // then
    assertThat(client.closed())
        .isEqualTo(new Message.Close(5, 300_000, "kicked by an administrator"));
    browser.awaitText("#message", "web-1 was kicked and is on hold.");
    browser.awaitText("#hold-rows", "web-1");
    browser.awaitText("#event-rows tr:first-child", "kicked");
    browser.awaitCount("#client-rows tr", 0);
    assertThat(browser.focused()).isEqualTo("Clients");

    // when
    browser.activate("Lift the hold of web-1");

    // then
    browser.awaitText("#message", "web-1 may connect again.");
    browser.awaitCount("#hold-rows tr", 0);
    assertThat(browser.focused()).isEqualTo("Holds");
    crowd.join("web-1");
    browser.awaitText("#client-rows", "web-1");
    browser.awaitText("#event-rows tr:first-child", "connected");
  }

  @Test
  void changesTheRatesOfAClientAndRejectsAGuaranteeAboveCapacity() throws Exception {
    // given
    crowd.join("web-1");
    browser.awaitText("#client-rows", "web-1");

    // when
    browser.activate("Change web-1");
    assertThat(browser.focused()).isEqualTo("Guarantee");
    browser.press(Keys.chord(Keys.CONTROL, "a"), "1 MB/s", Keys.ENTER);

    // then
    browser.awaitText("#change [role=alert]", "would exceed the 184320B/s that can be");
    assertThat(browser.console()).singleElement().asString().contains("status of 409");

    // when
    browser.find("#guarantee").sendKeys(Keys.chord(Keys.CONTROL, "a"), "8 KB/s");
    browser.find("#ceiling").sendKeys("16KB", Keys.ENTER);

    // then
    browser.awaitText("#message", "web-1: guarantee 8.0 KB/s, ceiling 16.0 KB/s.");
    assertThat(browser.focused()).isEqualTo("Change web-1");
    browser.awaitText("#client-rows [data-field=guarantee]", "8.0 KB/s");
    browser.awaitText("#client-rows [data-field=ceiling]", "16.0 KB/s");
  }

  @Test
  void showsADeviceFailureAndItsRecovery() throws Exception {
    // given
    crowd.drawAll("greedy");
    FaultyDevice device = stage.device();
    String name = device.path();

    // when
    device.stick();

    // then
    browser.awaitText("#state", "device failed");
    assertThat(browser.title()).isEqualTo("device failed · " + HostName.get());
    browser.awaitShown("#cause", "1 of 2 devices failed: " + name);
    assertThat(browser.cell("source-rows", name, "state")).startsWith("failed: ");
    assertThat(browser.cell("source-rows", name, "tests")).contains("repetition-count");
    browser.awaitText("#event-rows", "failed " + name);

    // when
    device.recover();

    // then
    browser.awaitText("#message", name + ": healthy");
    browser.awaitText("#event-rows", "recovered " + name);
    assertThat(browser.cell("source-rows", name, "failure")).contains("failed its start-up test");
  }

  @Test
  void testsADeviceOnDemandByTheKeyboard() {
    // given
    String name = stage.device().path();
    browser.awaitText("#state", "healthy");

    // when
    browser.activate("Test " + name);

    // then
    browser.awaitText("#message", name + ": test passed.");
  }

  @Test
  void showsALostConnectionToTheServerAndItsRecovery() {
    // when
    browser.cutOff(true);

    // then
    browser.awaitText("#state", "connection lost");
    assertThat(browser.title()).isEqualTo("connection lost · " + HostName.get());
    browser.awaitText("#message", "The server does not answer.");

    // when
    browser.cutOff(false);

    // then
    browser.awaitText("#message", "The server answers again.");
    browser.awaitText("#state", "healthy");
    assertThat(browser.console()).isNotEmpty().allMatch(line -> line.contains("net::ERR_"));
  }

  @Test
  void aClientWithoutEntropyIsStarvedAndNothingRecoversUntilADeviceDoes() throws Exception {
    // given
    crowd.drawAll("web-1");
    browser.awaitText("#client-rows [data-field=state]", "served");

    // when one device fails and the other is so slow that the client waits for many seconds;
    // without
    // any device, the server would close the connection two seconds after the client is starved
    stage.other().stick();
    stage.device().slowDown();

    // then
    browser.awaitText("#client-rows [data-field=state]", "starved");

    // when
    stage.device().stick();

    // then
    browser.awaitText("#state", "no entropy");
    browser.awaitShown("#cause", "2 of 2 devices failed: ");
    browser.awaitShown("#cause", "The devices provide 0 B/s");
    browser.screenshot("no-entropy");

    // when the server closes the connections, and so there is no guarantee any more
    browser.awaitCount("#client-rows tr", 0);
    browser.awaitText("#promise-text", "Guaranteed: 0 B/s");

    // then
    String afterDegraded =
        "return [...document.querySelectorAll('#event-rows tr')].map(row => row.dataset.type)";
    List<String> types = browser.strings(afterDegraded);
    assertThat(types.subList(0, types.indexOf("degraded"))).doesNotContain("recovered");

    // when
    stage.device().recover();
    stage.other().recover();

    // then
    browser.awaitText("#event-rows", "recovered guarantees");
    browser.awaitText("#state", "healthy");
  }

  @Test
  void countsRefusalsByReasonAndIsNotHealthyBesideThem() throws Exception {
    // given
    crowd.join("web-1");
    browser.awaitText("#state", "healthy");
    browser.awaitShown("#no-refusals", "No client was refused.");

    // when
    for (int i = 0; i < 3; i++) {
      crowd.refuse("batch-" + i % 2, 5_000);
    }

    // then
    browser.awaitText("#state", "refusing clients");
    browser.awaitShown("#cause", "3 refused: not-authorised.");
    assertThat(browser.cell("refusal-rows", "batch-0", "count")).isEqualTo("2");
    assertThat(browser.cell("refusal-rows", "batch-1", "detail"))
        .contains("a guarantee of 5000B/s was asked for and 64B/s is allowed");
    browser.awaitText("#event-rows", "refused batch-1");
    browser.screenshot("refusals");

    // when both are admitted
    crowd.join("batch-0");
    crowd.join("batch-1");

    // then
    browser.awaitText("#state", "healthy");
    browser.awaitCount("#refusal-rows tr", 0);
  }

  @Test
  void filtersEventsByTypeAndText() throws Exception {
    // given
    crowd.join("web-1");
    crowd.join("db-1");
    stage.device().stick();
    crowd.drawAll("greedy");
    String failed = "failed " + stage.device().path();
    browser.awaitText("#event-rows", failed);

    // when
    browser.tabTo("Show");
    browser.press("devices");

    // then
    assertThat(browser.visibleRows("event-rows"))
        .isNotEmpty()
        .allMatch(row -> row.matches(".* (failed|recovered|degraded) .*"));

    // when
    browser.press(Keys.ARROW_UP, Keys.ARROW_UP);
    browser.tabTo("Contains");
    browser.press("WEB-1");

    // then
    assertThat(browser.visibleRows("event-rows"))
        .isNotEmpty()
        .allMatch(row -> row.contains("web-1"));

    // when
    browser.press("nobody");

    // then
    browser.awaitShown("#no-events", "No event since the server started matches.");
  }

  @ParameterizedTest(name = "{0} clients at {1} pixels")
  @CsvSource({"0, 1280", "0, 390", "3, 1280", "3, 390", "200, 1280", "200, 390"})
  void isUsableAtEachWidthInTheLightAndDarkSchemes(int clients, int width) throws Exception {
    // given names of 15 letters
    for (int i = 1; i <= clients; i++) {
      if (i <= 8) {
        crowd.draw("webserver-p-" + (100 + i), 3 * i);
      } else {
        crowd.join("webserver-p-" + (100 + i));
      }
    }
    browser.resize(width, 900);
    browser.awaitCount("#client-rows tr", Math.min(clients, 100));
    if (clients == 3) {
      await("the curves have a shape")
          .atMost(AppProcess.PATIENCE)
          .until(() -> browser.text("#client-rows svg title").matches(".* in ([4-9]|\\d\\d) s"));
    }
    if (clients == 0) {
      browser.awaitShown("#no-clients", "netrng add-client NAME");
    }
    for (String scheme : List.of("light", "dark")) {
      // when
      browser.prefer(scheme);

      // then
      assertThat(browser.violations()).as(scheme).isEmpty();
      browser.screenshot("page-%d-%s-%d".formatted(width, scheme, clients));
    }
    assertThat(browser.strings(SMALL_TARGETS)).as("targets below 24 pixels").isEmpty();
    assertThat(browser.strings(HIDDEN_ACTIONS)).as("buttons outside of the window").isEmpty();
  }

  @Test
  void theDialogsHaveNoAccessibilityViolationsInTheLightAndDarkSchemes() throws Exception {
    // given
    crowd.draw("db-5", 4);
    RawClient kicked = crowd.join("web-9");
    browser.awaitText("#client-rows", "web-9");
    browser.activate("Kick web-9");
    browser.press(Keys.ARROW_DOWN);
    browser.activate("Kick");
    assertThat(kicked.closed().code()).isEqualTo(5);
    browser.awaitText("#hold-rows", "web-9");

    for (String scheme : List.of("light", "dark")) {
      // when
      browser.prefer(scheme);
      browser.activate("Change db-5");

      // then
      assertThat(browser.violations()).as(scheme).isEmpty();
      browser.screenshot("change-" + scheme);

      // when
      browser.press(Keys.ESCAPE);
      browser.activate("Kick db-5");
      browser.press(Keys.ARROW_DOWN);

      // then
      browser.awaitText("#kick-effect", "refuses them for 5 min");
      assertThat(browser.violations()).as(scheme).isEmpty();
      browser.screenshot("kick-" + scheme);
      browser.press(Keys.ESCAPE);
    }
    browser.activate("Lift the hold of web-9");
    browser.awaitCount("#hold-rows tr", 0);
  }
}
