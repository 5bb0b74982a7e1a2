/* Nearly all text is plain ASCII: it is copied in runs, and what must be escaped is looked at by character. */
#include "base/json_put.h"
#include "base/decimal.h"
#include "base/utf8.h"
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static void begin_line(struct json_put *json)
{
	size_t spaces = 2 * (size_t)json->depth;
	if (!buf_reserve(json->out, 1 + spaces))
		return;
	uint8_t *at = json->out->data + json->out->size_bytes;
	*at = '\n';
	memset(at + 1, ' ', spaces);
	json->out->size_bytes += 1 + spaces;
}

void json_put_open(struct json_put *json, char bracket)
{
	buf_putc(json->out, bracket);
	json->depth++;
	json->has_items = false;
}

void json_put_close(struct json_put *json, char bracket)
{
	json->depth--;
	if (json->has_items)
		begin_line(json);
	buf_putc(json->out, bracket);
	json->has_items = true;
}

void json_put_item(struct json_put *json)
{
	if (json->has_items)
		buf_putc(json->out, ',');
	begin_line(json);
	json->has_items = true;
}

void json_put_key(struct json_put *json, const char *key)
{
	json_put_item(json);
	json_put_text(json, key);
	buf_append(json->out, ": ", 2);
}

static size_t plain_bytes(const char *text, size_t bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
	size_t n = 0;
	for (uint64_t word; bytes - n >= sizeof word; n += sizeof word) {
		memcpy(&word, text + n, sizeof word);
		uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
		/* A byte of 7f or more, below a space, a quote, a backslash. A borrow only makes the answer careful. */
		if (((word | (word + ones) | (word - ones * ' ') | (quote - ones) | (slash - ones)) & tops) != 0)
			break;
	}
	while (n < bytes && (unsigned char)text[n] >= ' ' && (unsigned char)text[n] < 0x7f && text[n] != '"' &&
	       text[n] != '\\')
		n++;
	return n;
}

static void escaped(struct buf *out, uint32_t character)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* a character, and what stands for it */
	for (size_t i = 0; i + 1 < sizeof letters - 1; i += 2)
		if ((unsigned char)letters[i] == character) {
			const char pair[2] = {'\\', letters[i + 1]};
			buf_append(out, pair, sizeof pair);
			return;
		}
	buf_printf(out, character < 0x20 ? "\\u%04X" : "\\u%04x", character);
}

void json_put_bytes(struct json_put *json, const char *text, size_t bytes)
{
	struct buf *out = json->out;
	buf_putc(out, '"');
	for (size_t at = 0; at < bytes;) {
		size_t plain = plain_bytes(text + at, bytes - at);
		buf_append(out, text + at, plain);
		at += plain;
		if (at == bytes)
			break;
		uint32_t character = 0;
		size_t n = utf8_character(text + at, bytes - at, &character);
		if (n == 0)
			buf_append(out, REPLACEMENT, sizeof REPLACEMENT - 1);
		else if (character == '"' || character == '\\' || utf8_is_unsafe(character))
			escaped(out, character);
		else
			buf_append(out, text + at, n);
		at += n > 0 ? n : 1;
	}
	buf_putc(out, '"');
}

void json_put_text(struct json_put *json, const char *text)
{
	if (text)
		json_put_bytes(json, text, strlen(text));
	else
		json_put_word(json, "null");
}

void json_put_number(struct json_put *json, uint64_t value)
{
	char text[DECIMAL_MAX_BYTES];
	const char *end = decimal_put(text, value > INT64_MAX ? INT64_MAX : value);
	buf_append(json->out, text, (size_t)(end - text));
}

void json_put_signed(struct json_put *json, int64_t value)
{
	if (value < 0)
		buf_putc(json->out, '-');
	char text[DECIMAL_MAX_BYTES];
	const char *end = decimal_put(text, value < 0 ? -(uint64_t)value : (uint64_t)value);
	buf_append(json->out, text, (size_t)(end - text));
}

void json_put_word(struct json_put *json, const char *word)
{
	buf_puts(json->out, word);
}
