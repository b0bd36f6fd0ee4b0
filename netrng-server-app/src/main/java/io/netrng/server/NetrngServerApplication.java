package io.netrng.server;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Reads entropy devices and streams samples to clients at guaranteed rates. */
@SpringBootApplication
public class NetrngServerApplication {

  /** Starts the server; the arguments are properties, such as {@code --netrng.server.port=0}. */
  public static void main(String[] args) {
    SpringApplication.run(NetrngServerApplication.class, args);
  }
}
