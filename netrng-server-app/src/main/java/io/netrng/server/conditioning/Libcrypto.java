// SPDX-License-Identifier: Apache-2.0
package io.netrng.server.conditioning;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The functions of OpenSSL's libcrypto that compute SHA-512, by their manual EVP_DigestInit(3). A
 * record, because the compiler then treats the handles as constants.
 */
record Libcrypto(
    MemorySegment sha512,
    MethodHandle contextNew,
    MethodHandle contextFree,
    MethodHandle digestInit,
    MethodHandle digestUpdate,
    MethodHandle digestFinal) {

  /**
   * Replaces the stored bytes of a message: one byte less than a block of SHA-512, so that it is
   * stored and not compressed. The last byte of a stored block belongs to the message's length.
   */
  static final MemorySegment ZEROS = Arena.global().allocate(127);

  /** The last one is a link to a version of its own on FreeBSD. */
  private static final List<String> NAMES =
      List.of("libcrypto.so.3", "libcrypto.so.4", "libcrypto.so");

  private static final AddressLayout POINTER = ValueLayout.ADDRESS;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /** The layout of size_t on all 64-bit platforms. */
  private static final ValueLayout.OfLong SIZE = ValueLayout.JAVA_LONG;

  private static final @Nullable Libcrypto LOADED;
  private static final @Nullable String PROBLEM;

  static {
    Libcrypto loaded = null;
    String problem = null;
    try {
      loaded = load(NAMES);
    } catch (IllegalStateException e) {
      problem = e.getMessage();
    }
    LOADED = loaded;
    PROBLEM = problem;
  }

  /** The reason why the functions cannot be used, as text; empty if they can. */
  static Optional<String> problem() {
    return Optional.ofNullable(PROBLEM);
  }

  /** The functions, if there is no {@link #problem}. */
  static Libcrypto get() {
    Libcrypto loaded = LOADED;
    if (loaded == null) {
      throw new IllegalStateException(PROBLEM);
    }
    return loaded;
  }

  /**
   * Loads the first of these libraries that is installed.
   *
   * @throws IllegalStateException if none is, or its configuration does not permit SHA-512
   */
  static Libcrypto load(List<String> names) {
    SymbolLookup symbols = lookup(names);
    MethodHandle fetch = function(symbols, "EVP_MD_fetch", POINTER, POINTER, POINTER, POINTER);
    MemorySegment sha512;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment none = MemorySegment.NULL;
      sha512 = (MemorySegment) fetch.invokeExact(none, arena.allocateFrom("SHA2-512"), none);
    } catch (Throwable e) {
      throw new IllegalStateException("EVP_MD_fetch failed", e);
    }
    if (sha512.equals(MemorySegment.NULL)) {
      throw new IllegalStateException("libcrypto does not provide SHA-512 with its configuration");
    }
    return new Libcrypto(
        sha512,
        function(symbols, "EVP_MD_CTX_new", POINTER),
        linked(symbols, "EVP_MD_CTX_free", FunctionDescriptor.ofVoid(POINTER)),
        function(symbols, "EVP_DigestInit_ex2", INT, POINTER, POINTER, POINTER),
        function(symbols, "EVP_DigestUpdate", INT, POINTER, POINTER, SIZE),
        function(symbols, "EVP_DigestFinal_ex", INT, POINTER, POINTER, POINTER));
  }

  @SuppressWarnings("restricted") // The manifest enables native access.
  private static SymbolLookup lookup(List<String> names) {
    for (String name : names) {
      try {
        return SymbolLookup.libraryLookup(name, Arena.global());
      } catch (IllegalArgumentException e) {
        // It is not installed.
      }
    }
    throw new IllegalStateException(names.getFirst() + " is not installed");
  }

  private static MethodHandle function(
      SymbolLookup symbols, String name, ValueLayout result, ValueLayout... parameters) {
    return linked(symbols, name, FunctionDescriptor.of(result, parameters));
  }

  @SuppressWarnings("restricted") // The manifest enables native access.
  private static MethodHandle linked(
      SymbolLookup symbols, String name, FunctionDescriptor descriptor) {
    MemorySegment address =
        symbols.find(name).orElseThrow(() -> new IllegalStateException("libcrypto lacks " + name));
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  MemorySegment newContext() {
    MemorySegment context;
    try {
      context = (MemorySegment) contextNew.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException("EVP_MD_CTX_new failed", e);
    }
    if (context.equals(MemorySegment.NULL)) {
      throw new IllegalStateException("libcrypto has no memory for a context");
    }
    return context;
  }

  /** Zeroes and frees a context. */
  void free(MemorySegment context) {
    try {
      contextFree.invokeExact(context);
    } catch (Throwable e) {
      throw new IllegalStateException("EVP_MD_CTX_free failed", e);
    }
  }

  /** Starts a message. */
  void start(MemorySegment context) {
    int done;
    try {
      done = (int) digestInit.invokeExact(context, sha512, MemorySegment.NULL);
    } catch (Throwable e) {
      throw new IllegalStateException("EVP_DigestInit_ex2 failed", e);
    }
    require(done, "EVP_DigestInit_ex2");
  }

  /** Adds bytes to the message. */
  void update(MemorySegment context, MemorySegment bytes) {
    int done;
    try {
      done = (int) digestUpdate.invokeExact(context, bytes, bytes.byteSize());
    } catch (Throwable e) {
      throw new IllegalStateException("EVP_DigestUpdate failed", e);
    }
    require(done, "EVP_DigestUpdate");
  }

  /** Writes the digest of the message. */
  void finish(MemorySegment context, MemorySegment digest) {
    int done;
    try {
      done = (int) digestFinal.invokeExact(context, digest, MemorySegment.NULL);
    } catch (Throwable e) {
      throw new IllegalStateException("EVP_DigestFinal_ex failed", e);
    }
    require(done, "EVP_DigestFinal_ex");
  }

  private static void require(int done, String function) {
    if (done != 1) {
      throw new IllegalStateException(function + " failed");
    }
  }
}
