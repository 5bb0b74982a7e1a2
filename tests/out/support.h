/* What the tests of out/ share: packets made by hand, directories that go away, and other programs as witnesses. */
#ifndef TESTS_OUT_SUPPORT_H
#define TESTS_OUT_SUPPORT_H
#include "base/arena.h"
#include "base/buf.h"
#include "net/packet.h"
#include "sim/trail.h"
#include <stdbool.h>

/* A TCP packet with the addresses of `tuple` and `payload_bytes` bytes of text; valid checksums. */
void make_packet(struct packet *p, struct arena *arena, struct tuple tuple, uint64_t id, uint32_t payload_bytes);
struct tuple tuple_of(const char *src, uint16_t src_port, const char *dst, uint16_t dst_port);

/* A fresh directory below /tmp; the same text at each call of a process until removed. */
const char *directory_new(void);
void directory_remove(void);
/* Path of a file in it, in one of a few buffers that take turns. */
const char *path_in(const char *name);
bool exists(const char *name);
void write_file(const char *name, const char *text);
/* The whole file, NUL-terminated, malloc'd; NULL where it is not there. */
char *read_file(const char *name, size_t *ret_bytes);

bool have_program(const char *program);
/* Standard output and error of a shell command, run in the directory; malloc'd. */
char *output_of(const char *command, int *ret_status);
#endif
