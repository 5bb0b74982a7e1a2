/* The growable byte buffer: capacity doubles, failure is sticky. */
#include "base/buf.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
	buf->size_bytes = 0;
}

bool buf_grow(struct buf *buf, size_t more_bytes)
{
	if (buf->failed)
		return false;
	if (buf->capacity_bytes - buf->size_bytes >= more_bytes)
		return true;
	size_t capacity = buf->capacity_bytes ? buf->capacity_bytes : 256;
	while (capacity - buf->size_bytes < more_bytes) {
		if (capacity > SIZE_MAX / 2) {
			buf->failed = true;
			return false;
		}
		capacity *= 2;
	}
	uint8_t *data = realloc(buf->data, capacity);
	if (!data) {
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity_bytes = capacity;
	return true;
}

void buf_puts(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	if (length >= 0 && buf_reserve(buf, (size_t)length + 1)) {
		(void)vsnprintf((char *)buf->data + buf->size_bytes, (size_t)length + 1, format, again);
		buf->size_bytes += (size_t)length;
	} else {
		buf->failed = true;
	}
	va_end(again);
	va_end(args);
}

const char *buf_text(struct buf *buf)
{
	if (!buf_reserve(buf, 1))
		return "";
	buf->data[buf->size_bytes] = '\0';
	return (const char *)buf->data;
}
