/* UTF-8 as RFC 3629 has it, and text that others wrote, made safe to show. Names, paths and messages may hold control characters, which a terminal
 * obeys, overrides of the writing direction, which make a reader see another text, and bytes that are no UTF-8. */
#ifndef PKTPATH_BASE_UTF8_H
#define PKTPATH_BASE_UTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the sequence at `p`, of which `left` (at least 1) bytes are there: no overlong forms, no surrogates. 0 where
 * it is none. */
size_t utf8_length(const unsigned char *p, size_t left);
/* Bytes of the character at `text`; 0 where it is none. */
size_t utf8_character(const char *text, size_t bytes, uint32_t *ret);
/* Control characters (C0, DEL, C1), overrides and marks of the writing direction, separators of lines and paragraphs,
 * and the byte order mark. */
bool utf8_is_unsafe(uint32_t character);
/* The first character of a text of at least one byte, as it may be shown: itself, "\u202e", or "\xff" for a byte that
 * is no UTF-8. Returns the bytes consumed. */
#define UTF8_SAFE_BYTES 8
size_t utf8_safe(const char *text, size_t bytes, char safe[UTF8_SAFE_BYTES]);
#endif
