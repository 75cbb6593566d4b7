/* The physical limit that bench/peers.ts compares with: reads NDJSON, adds up by endpoint, minute and outcome, keeps nothing. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS (1u << 20)
#define BINS 64
struct cell {
  uint64_t key;
  uint64_t count;
  uint64_t bins[BINS];
};

/* The value of a key within a line: keys stand in the order in which the generator writes them. */
static const char *value_of(const char *at, const char *end, const char *key, size_t length) {
  const char *found = memmem(at, (size_t)(end - at), key, length);
  return found ? found + length : NULL;
}

static uint64_t number_at(const char *at) {
  uint64_t value = 0;
  while (*at >= '0' && *at <= '9') value = value * 10 + (uint64_t)(*at++ - '0');
  return value;
}

static uint64_t hash_of(uint64_t hash, const char *at, char until) {
  while (*at != until) hash = (hash ^ (unsigned char)*at++) * 1099511628211ull;
  return hash;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  int file = open(argv[1], O_RDONLY);
  struct stat facts;
  if (file < 0 || fstat(file, &facts) != 0) return 1;
  const char *text = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if (text == MAP_FAILED) return 1;
  struct cell *cells = calloc(SLOTS, sizeof(struct cell));
  if (!cells) return 1;
  uint64_t events = 0, resumed = 0, used = 0;
  const char *at = text, *stop = text + facts.st_size;
  while (at < stop) {
    const char *end = memchr(at, '\n', (size_t)(stop - at));
    if (!end) end = stop;
    const char *ts = value_of(at, end, "\"ts\":", 5);
    const char *endpoint = ts ? value_of(ts, end, "\"endpoint\":\"", 12) : NULL;
    const char *outcome = endpoint ? value_of(endpoint, end, "\"outcome\":\"", 11) : NULL;
    const char *us = outcome ? value_of(outcome, end, "\"handshakeUs\":", 14) : NULL;
    if (us) {
      uint64_t minute = number_at(ts) / 60000, value = number_at(us);
      uint64_t key = hash_of(hash_of(1469598103934665603ull ^ minute, endpoint, '"'), outcome, '"');
      uint64_t slot = key & (SLOTS - 1);
      while (cells[slot].key != 0 && cells[slot].key != key) slot = (slot + 1) & (SLOTS - 1);
      if (cells[slot].key == 0) used += 1;
      cells[slot].key = key;
      cells[slot].count += 1;
      cells[slot].bins[value ? 63 - __builtin_clzll(value) : 0] += 1;
      events += 1;
      resumed += *outcome == 'r';
    }
    at = end + 1;
  }
  printf("%llu %llu %llu\n", (unsigned long long)events, (unsigned long long)resumed, (unsigned long long)used);
  return 0;
}
