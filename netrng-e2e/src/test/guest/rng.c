// SPDX-License-Identifier: Apache-2.0
// What a guest does with its kernel's generator:
//
//   rng draw        prints 32 bytes of getrandom, or fails if the generator has no seed
//   rng feed FILE   waits for 32 bytes, credits them to the kernel and makes it use them
//   rng twin        prints "ready", reads a line of 64 hexadecimal digits, and prints three draws:
//                   at once, after the 32 bytes were credited, and after the reseed
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SIZE = 32 };

// A virtio serial port is at its end while no program on the host has connected.
enum { PAUSE_MICROS = 10000 };

// struct rand_pool_info with its bytes
struct credit {
  int bits;
  int size;
  unsigned char bytes[SIZE];
};

static int device;

static void fail(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  exit(1);
}

// Uses the system call, because newer C libraries have a generator of their own in each process.
static void draw(unsigned char *bytes) {
  if (syscall(SYS_getrandom, bytes, SIZE, GRND_NONBLOCK) != SIZE) {
    fail("getrandom");
  }
}

static void print(const unsigned char *bytes) {
  for (int i = 0; i < SIZE; i++) {
    printf("%02x", bytes[i]);
  }
  printf("\n");
}

static void add(struct credit *credit) {
  credit->bits = 8 * SIZE;
  credit->size = SIZE;
  if (ioctl(device, RNDADDENTROPY, credit) != 0) {
    fail("RNDADDENTROPY");
  }
}

static void reseed(void) {
  if (ioctl(device, RNDRESEEDCRNG) != 0) {
    fail("RNDRESEEDCRNG");
  }
}

static void feed(const char *file) {
  struct credit credit;
  int port = open(file, O_RDONLY);
  for (int got = 0; got < SIZE;) {
    ssize_t more = read(port, credit.bytes + got, SIZE - got);
    if (more < 0) {
      fail(file);
    }
    if (more == 0) {
      usleep(PAUSE_MICROS);
    }
    got += more;
  }
  add(&credit);
  reseed();
  printf("fed\n");
}

static void twin(void) {
  struct credit credit;
  unsigned char draws[3][SIZE];
  reseed();
  printf("ready\n");
  fflush(stdout);
  for (int i = 0; i < SIZE; i++) {
    if (scanf("%2hhx", &credit.bytes[i]) != 1) {
      fail("bytes");
    }
  }
  draw(draws[0]);
  add(&credit);
  draw(draws[1]);
  reseed();
  draw(draws[2]);
  for (int i = 0; i < 3; i++) {
    print(draws[i]);
  }
}

int main(int count, char **words) {
  const char *task = count > 1 ? words[1] : "";
  device = open("/dev/random", O_RDWR);
  if (device < 0) {
    fail("/dev/random");
  }
  if (strcmp(task, "draw") == 0) {
    unsigned char bytes[SIZE];
    draw(bytes);
    print(bytes);
  } else if (strcmp(task, "feed") == 0 && count > 2) {
    feed(words[2]);
  } else if (strcmp(task, "twin") == 0) {
    twin();
  } else {
    printf("usage: rng draw | feed FILE | twin\n");
    return 2;
  }
  return 0;
}
