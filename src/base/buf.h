/* A growable byte buffer. Failure is sticky: once memory was short every later call is a no-op and buf_failed() says
 * so, so that writers check once, at the end. */
#ifndef PKTPATH_BASE_BUF_H
#define PKTPATH_BASE_BUF_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	uint8_t *data;
	size_t size_bytes;
	size_t capacity_bytes;
	bool failed;
};

void buf_free(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the capacity */
bool buf_grow(struct buf *buf, size_t more_bytes);
/* Room for `more_bytes` after size; false where memory is short. */
static inline bool buf_reserve(struct buf *buf, size_t more_bytes)
{
	return (!buf->failed && buf->capacity_bytes - buf->size_bytes >= more_bytes) || buf_grow(buf, more_bytes);
}
static inline void buf_append(struct buf *buf, const void *data, size_t size_bytes)
{
	if (size_bytes == 0 || !buf_reserve(buf, size_bytes))
		return;
	memcpy(buf->data + buf->size_bytes, data, size_bytes);
	buf->size_bytes += size_bytes;
}
void buf_puts(struct buf *buf, const char *text);
static inline void buf_putc(struct buf *buf, char c)
{
	if (buf_reserve(buf, 1))
		buf->data[buf->size_bytes++] = (uint8_t)c;
}
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(struct buf *buf); /* NUL-terminated view, valid until the next call; "" where failed */
static inline bool buf_failed(const struct buf *buf)
{
	return buf->failed;
}
#endif
