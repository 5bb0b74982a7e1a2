/* A thread that writes full buffers to descriptors while the simulation fills the next. Used by the writer alone. */
#ifndef PKTPATH_OUT_PUMP_H
#define PKTPATH_OUT_PUMP_H
#include "base/buf.h"

struct pump;
/* 0; or a negative errno, where the caller can write by itself. */
int pump_new(struct pump **ret);
/* Writes what is left, ends the thread. */
struct pump *pump_free(struct pump *pump);
/* Takes the buffer, to write its first `size_bytes` to `fd` in their turn; `*buf` is then an empty one, with memory or
 * without. The bytes can be read until the next push. `owner` comes back with a failure. Waits where too much is under
 * way. Negative errno: an earlier write failed; the buffer is kept. */
int pump_push(struct pump *pump, const void *owner, int fd, struct buf *buf, size_t size_bytes);
/* Waits until nothing is under way for `fd` (-1: for any). Negative errno: a write failed, now or before; *ret_owner
 * says whose. */
int pump_wait(struct pump *pump, int fd, const void **ret_owner);

/* write() until all is written; 0 or a negative errno. */
int pump_write_all(int fd, const uint8_t *data, size_t size_bytes);
#endif
