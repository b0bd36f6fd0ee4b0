// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A program that writes random bytes to its standard output: {@code exec:program argument...}. No
 * shell reads the text. Blanks separate words, and double quotes group them.
 */
final class ExecDevice implements Device {

  private static final String PREFIX = "exec:";

  /** A word: any sequence of characters without blanks and of quoted parts. */
  private static final Pattern WORD = Pattern.compile("(?:[^\\s\"]|\"[^\"]*\")+");

  private final String name;
  private final List<String> words;
  private final ProgramMessages messages;
  private final UnaryOperator<@Nullable String> environment;

  private ExecDevice(String name, List<String> words, UnaryOperator<@Nullable String> environment) {
    this.name = name;
    this.words = List.copyOf(words);
    this.environment = environment;
    messages = new ProgramMessages(name);
  }

  static ExecDevice of(String text) {
    return of(text, System::getenv);
  }

  /**
   * Parses a command.
   *
   * @param environment gives the value of a variable of the environment
   */
  static ExecDevice of(String text, UnaryOperator<@Nullable String> environment) {
    List<String> words = split(text.substring(PREFIX.length()));
    if (words.isEmpty() || words.getFirst().isEmpty()) {
      throw new IllegalArgumentException(
          "%s names no program: write exec:program argument...".formatted(text));
    }
    String program = words.getFirst();
    if (program.contains("/") && !program.startsWith("/")) {
      throw new IllegalArgumentException(
          "%s has a relative path: write an absolute path, or the name of a program in PATH"
              .formatted(text));
    }
    return new ExecDevice(text, words, environment);
  }

  private static List<String> split(String command) {
    if (command.chars().filter(c -> c == '"').count() % 2 != 0) {
      throw new IllegalArgumentException(
          "exec:%s has a double quote without its end".formatted(command));
    }
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(command);
    while (word.find()) {
      words.add(word.group().replace("\"", ""));
    }
    return words;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String shortName() {
    return String.valueOf(Path.of(words.getFirst()).getFileName());
  }

  @Override
  public void check() throws IOException {
    var _ = program();
  }

  /** Finds the program. */
  private Path program() throws IOException {
    String program = words.getFirst();
    if (program.startsWith("/")) {
      if (!isProgram(Path.of(program))) {
        throw new IOException("%s is no program that this user may run".formatted(program));
      }
      return Path.of(program);
    }
    String directories = environment.apply("PATH");
    return Stream.of((directories == null ? "" : directories).split(":"))
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> Path.of(directory, program))
        .filter(ExecDevice::isProgram)
        .findFirst()
        .orElseThrow(() -> new IOException("PATH has no program %s".formatted(program)));
  }

  private static boolean isProgram(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path);
  }

  /** The words, because two runs of one command usually use one device. */
  @Override
  public Object identity() {
    return words;
  }

  @Override
  public DeviceInfo info() {
    return DeviceInfo.of("exec", "program " + shortName());
  }

  @Override
  public String fixFor(IOException cause) {
    return "Install the program, or write its absolute path.";
  }

  @Override
  public DeviceChannel open(long position) throws IOException {
    return new ExecChannel(this::run);
  }

  private ProgramRun run() throws IOException {
    List<String> command = new ArrayList<>(words);
    command.set(0, program().toString());
    return ProgramRun.start(command, messages);
  }
}
