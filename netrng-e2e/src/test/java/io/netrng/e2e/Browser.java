// SPDX-License-Identifier: Apache-2.0
package io.netrng.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/** Debian's Chromium, with a profile of its own and nothing of the network but this machine. */
final class Browser implements AutoCloseable {

  /** Selenium warns at each start that it knows no domains of so new a browser; none are used. */
  private static final Logger LOG = Logger.getLogger("org.openqa.selenium");

  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final int MOST_TABS = 200;

  private final ChromeDriver driver;
  private final String origin;

  /**
   * Starts it.
   *
   * @param profile an empty directory
   */
  Browser(Path profile, int port) {
    LOG.setLevel(Level.SEVERE);
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--user-data-dir=" + profile);
    options.setCapability("goog:loggingPrefs", Map.of(LogType.BROWSER, "ALL"));
    // Named, or Selenium would look for one on the network.
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(Path.of("/usr/bin/chromedriver").toFile())
            .usingAnyFreePort()
            .build();
    driver = new ChromeDriver(service, options);
    driver.manage().window().setSize(new Dimension(1_280, 900));
    origin = "http://127.0.0.1:" + port;
  }

  void open(String path) {
    driver.get(origin + path);
  }

  /** Where it is, without the origin. */
  String path() {
    return Objects.requireNonNull(driver.getCurrentUrl()).substring(origin.length());
  }

  String title() {
    return Objects.requireNonNull(driver.getTitle());
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  int count(String css) {
    return driver.findElements(By.cssSelector(css)).size();
  }

  /** The text in the document with single blanks, or nothing if there is no such element. */
  String text(String css) {
    Object text =
        driver.executeScript("return document.querySelector(arguments[0])?.textContent ?? ''", css);
    return String.valueOf(text).replaceAll("\\s+", " ").strip();
  }

  /** The cell of a field in the row whose header has this text. */
  String cell(String body, String row, String field) {
    Object text =
        driver.executeScript(
            """
            const row = [...document.querySelectorAll('#' + arguments[0] + ' tr')]
              .find(r => r.querySelector('th [data-field]').textContent === arguments[1]);
            return row?.querySelector(`[data-field="${arguments[2]}"]`).textContent ?? '';
            """,
            body,
            row,
            field);
    return String.valueOf(text);
  }

  /** The texts of the rows of a table body that are not hidden. */
  List<String> visibleRows(String body) {
    return driver.findElements(By.cssSelector("#" + body + " tr:not([hidden])")).stream()
        .map(WebElement::getText)
        .toList();
  }

  void awaitText(String css, String text) {
    await("%s says: %s".formatted(css, text))
        .atMost(AppProcess.PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(text(css)).contains(text));
  }

  /** Waits for a text that people can see. */
  void awaitShown(String css, String text) {
    awaitText(css, text);
    await(css + " is shown")
        .atMost(AppProcess.PATIENCE)
        .until(() ->
            driver.findElements(By.cssSelector(css)).stream().anyMatch(WebElement::isDisplayed));
  }

  void awaitCount(String css, int count) {
    await("there are %d of %s".formatted(count, css))
        .atMost(AppProcess.PATIENCE)
        .until(() -> count(css) == count);
  }

  void press(CharSequence... keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  /** What has the focus, as a screen reader names it. */
  String focused() {
    return Objects.requireNonNullElse(driver.switchTo().activeElement().getAccessibleName(), "");
  }

  /** Waits for the focus, which a new page gives to a field only when it has been drawn. */
  void awaitFocused(String name) {
    await("'" + name + "' has the focus")
        .atMost(AppProcess.PATIENCE)
        .until(() -> name.equals(focused()));
  }

  /** Fills in the form of the page for logging in. */
  void logIn(String token) {
    awaitFocused("Administrator's token");
    press(token, Keys.ENTER);
  }

  /** Goes on with the tab key until something has the focus. */
  void tabTo(String name) {
    List<String> seen = new ArrayList<>();
    WebElement focused = driver.switchTo().activeElement();
    String itsName = focused.getAccessibleName();
    while (!name.equals(itsName)) {
      seen.add(itsName);
      assertThat(seen)
          .as("what the tab key reaches before '" + name + "'")
          .hasSizeLessThan(MOST_TABS);
      focused.sendKeys(Keys.TAB);
      focused = driver.switchTo().activeElement();
      itsName = focused.getAccessibleName();
    }
  }

  /** Does what a button does, by the keyboard. */
  void activate(String name) {
    tabTo(name);
    press(Keys.ENTER);
  }

  /** Sets the size of the window; Chromium's own windows are at least 500 pixels wide. */
  void resize(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Runs a function body in the page and returns its strings. */
  List<String> strings(String script) {
    Object result = driver.executeScript(script);
    return ((List<?>) Objects.requireNonNull(result)).stream().map(String::valueOf).toList();
  }

  /** Light or dark, as the user's system has it. */
  void prefer(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** Cuts it off from the server and joins it again. */
  void cutOff(boolean off) {
    driver.executeCdpCommand("Network.enable", Map.of());
    driver.executeCdpCommand(
        "Network.emulateNetworkConditions",
        Map.of("offline", off, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
  }

  void screenshot(String name) throws IOException {
    Files.createDirectories(SCREENSHOTS);
    Files.write(SCREENSHOTS.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
  }

  /** What axe finds against the current page, with the rules of WCAG 2.2 AA. */
  List<String> violations() throws IOException {
    try (InputStream axe =
        Objects.requireNonNull(Browser.class.getResourceAsStream("/axe.min.js"))) {
      driver.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
    }
    Object found =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            const options = { rules: { 'target-size': { enabled: true } } };
            axe.run(document, options).then(
              ({ passes, violations }) => done(passes.length === 0 ? ['axe has checked nothing'] :
                violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html} ${n.failureSummary}`))),
              error => done([String(error)]));
            """);
    return ((List<?>) Objects.requireNonNull(found)).stream().map(String::valueOf).toList();
  }

  /** What the console has said since it was asked last. */
  List<String> console() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
