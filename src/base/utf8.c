/* Which characters are safe to show, and what stands for the others. */
#include "base/utf8.h"
#include <stdio.h>
#include <string.h>

size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80                   ? 1
		   : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
		   : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
		   : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
						 : 0;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	bool wrong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
		     (p[0] == 0xf4 && p[1] > 0x8f);
	return wrong ? 0 : n;
}

size_t utf8_character(const char *text, size_t bytes, uint32_t *ret)
{
	size_t n = bytes > 0 ? utf8_length((const unsigned char *)text, bytes) : 0;
	if (n == 0)
		return 0;
	unsigned char first = (unsigned char)text[0];
	*ret = n == 1 ? first : first & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		*ret = *ret << 6 | ((unsigned char)text[i] & 0x3fu);
	return n;
}

bool utf8_is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

size_t utf8_safe(const char *text, size_t bytes, char safe[UTF8_SAFE_BYTES])
{
	uint32_t character;
	size_t n = utf8_character(text, bytes, &character);
	if (n == 0) {
		(void)snprintf(safe, UTF8_SAFE_BYTES, "\\x%02x", (unsigned char)text[0]);
		return 1;
	}
	if (utf8_is_unsafe(character)) {
		(void)snprintf(safe, UTF8_SAFE_BYTES, "\\u%04x", character);
	} else {
		memcpy(safe, text, n);
		safe[n] = '\0';
	}
	return n;
}
