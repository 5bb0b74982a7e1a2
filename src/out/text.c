/* Numbers, addresses and places as text, without printf: a note is written for every packet, and printf would cost more
 * than the packet. */
#include "out/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include <string.h>

char *text_copy(char *at, const char *text)
{
	size_t n = strlen(text);
	memcpy(at, text, n);
	return at + n;
}

/* One digit after the other from the left where there are few, which is what addresses and most numbers are. */
static inline char *below_1000(char *at, uint32_t number)
{
	if (number >= 100)
		*at++ = (char)('0' + number / 100);
	if (number >= 10)
		*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

char *text_decimal(char *at, uint64_t number)
{
	if (number < 1000)
		return below_1000(at, (uint32_t)number);
	size_t n = 3;
	for (uint64_t rest = number / 1000; rest > 0; rest /= 10)
		n++;
	for (size_t i = n; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + n;
}

char *text_seconds(char *at, int64_t ns)
{
	uint64_t n = (uint64_t)ns;
	if (ns < 0) {
		*at++ = '-';
		n = 0 - n;
	}
	at = text_decimal(at, n / (uint64_t)NS_PER_S);
	uint32_t part = (uint32_t)(n % (uint64_t)NS_PER_S);
	*at = '.';
	for (int i = 9; i > 0; i--) {
		at[i] = (char)('0' + part % 10);
		part /= 10;
	}
	return at + 10;
}

char *text_addr(char *at, be32 addr)
{
	uint32_t host = be32_to(addr);
	for (unsigned shift = 32; shift > 0;) {
		shift -= 8;
		at = below_1000(at, host >> shift & 0xff);
		*at++ = '.';
	}
	return at - 1;
}

char *text_end_point(char *at, uint8_t proto, be32 addr, be16 port)
{
	at = text_addr(at, addr);
	if (be16_to(port) == 0)
		return at;
	at = text_copy(at, proto == PROTO_ICMP ? " id " : ":");
	return text_decimal(at, be16_to(port));
}

char *text_tuple(char *at, const struct tuple *tuple)
{
	at = text_copy(at, proto_name(tuple->proto));
	*at++ = ' ';
	if (tuple->proto == PROTO_ICMP) {
		at = text_copy(text_addr(at, tuple->src), " > ");
		return text_end_point(at, tuple->proto, tuple->dst, tuple->dst_port);
	}
	at = text_copy(text_end_point(at, tuple->proto, tuple->src, tuple->src_port), " > ");
	return text_end_point(at, tuple->proto, tuple->dst, tuple->dst_port);
}

static bool is_plain(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return *text == '\0';
}

char *text_safe(char *at, const char *text)
{
	if (is_plain(text))
		return text_copy(at, text);
	for (size_t left = strlen(text); left > 0;) {
		char safe[UTF8_SAFE_BYTES];
		size_t n = utf8_safe(text, left, safe);
		at = text_copy(at, safe);
		text += n;
		left -= n;
	}
	return at;
}

char *text_place(char *at, struct place place)
{
	if (!place.file)
		return at;
	at = text_safe(at, place_file_name(place));
	if (place.line == 0)
		return at;
	*at++ = ':';
	return text_decimal(at, place.line);
}

size_t text_place_bytes(struct place place)
{
	if (!place.file)
		return 0;
	size_t bytes = strlen(place.file);
	return (is_plain(place.file) ? bytes : bytes * UTF8_SAFE_BYTES) + 1 + TEXT_DECIMAL_BYTES;
}
