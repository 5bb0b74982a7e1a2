/* A growable byte buffer. Failure is sticky: once memory was short every later call is a no-op and buf_failed() says
 * so, so that writers check once, at the end. */
#ifndef PKTPATH_BASE_BUF_H
#define PKTPATH_BASE_BUF_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t size_bytes;
	size_t capacity_bytes;
	bool failed;
};

void buf_free(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the capacity */
bool buf_reserve(struct buf *buf,
		 size_t more_bytes); /* room for `more_bytes` after size; false where memory is short */
void buf_append(struct buf *buf, const void *data, size_t size_bytes);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(struct buf *buf); /* NUL-terminated view, valid until the next call; "" where failed */
static inline bool buf_failed(const struct buf *buf)
{
	return buf->failed;
}
#endif
