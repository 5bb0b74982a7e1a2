/* Two fields of one name: whether they differ, and the words for it. */
#include "compare/frame.h"
#include "net/addr.h"
#include "net/header.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool bytes_equal(const struct field *a, const struct field *b)
{
	return a->n_bytes == b->n_bytes && (a->n_bytes == 0 || memcmp(a->bytes, b->bytes, a->n_bytes) == 0);
}

static bool equal(const struct field *a, const struct field *b, unsigned ignore)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == FIELD_END_POINT) /* the port alone may be ignored */
		return (ignore & a->ignored_by) != 0 ? a->number >> 16 == b->number >> 16
						     : a->number == b->number && a->has_port == b->has_port;
	bool ignored = (ignore & (a->ignored_by | b->ignored_by)) != 0;
	if (a->kind == FIELD_BYTES)
		return ignored ? a->n_bytes == b->n_bytes : bytes_equal(a, b);
	return ignored || a->number == b->number;
}

static void put_text(char *out, size_t size, const uint8_t *bytes, size_t n_bytes, size_t from)
{
	char shown[4 * 16 + 1];
	size_t n = 0;
	for (size_t i = from; i < n_bytes && i < from + 16; i++) {
		if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
			shown[n++] = (char)bytes[i];
		else
			n += (size_t)snprintf(shown + n, 5, "\\x%02x", bytes[i]);
	}
	shown[n] = '\0';
	(void)snprintf(out, size, "%zu byte%s, from byte %zu \"%s\"", n_bytes, n_bytes == 1 ? "" : "s", from, shown);
}

char *field_print_flags(uint64_t flags, char text[FIELD_FLAGS_BYTES])
{
	static const char *const names[8] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	size_t n = 0;
	for (unsigned i = 0; i < 8; i++)
		if ((flags >> i & 1) != 0)
			n += (size_t)snprintf(text + n, FIELD_FLAGS_BYTES - n, "%s%s", n > 0 ? ", " : "", names[i]);
	if (n == 0)
		(void)snprintf(text, FIELD_FLAGS_BYTES, "none");
	return text;
}

static void put_end_point(char *out, size_t size, const struct field *field)
{
	char addr[ADDR_TEXT_BYTES];
	addr_print(be32_from((uint32_t)(field->number >> 16)), addr);
	if (field->has_port)
		(void)snprintf(out, size, "%s:%u", addr, (unsigned)(field->number & 0xffff));
	else
		(void)snprintf(out, size, "%s", addr);
}

static void put_fragment(char *out, size_t size, uint64_t bits)
{
	unsigned offset = (unsigned)(bits & IPV4_OFFSET_MASK) * 8;
	if ((bits & (IPV4_MF | IPV4_OFFSET_MASK)) == 0)
		(void)snprintf(out, size, "%s", bits & IPV4_DF ? "don't fragment" : "may be fragmented");
	else
		(void)snprintf(out, size, "from byte %u, %s", offset, bits & IPV4_MF ? "more follow" : "the last");
}

static void put_mac(char *out, size_t size, uint64_t number)
{
	(void)snprintf(out, size, "%02x:%02x:%02x:%02x:%02x:%02x", (unsigned)(number >> 40) & 0xff,
		       (unsigned)(number >> 32) & 0xff, (unsigned)(number >> 24) & 0xff,
		       (unsigned)(number >> 16) & 0xff, (unsigned)(number >> 8) & 0xff, (unsigned)number & 0xff);
}

static void put_value(char *out, size_t size, const struct field *field, size_t from)
{
	char flags[FIELD_FLAGS_BYTES];
	if (!field) {
		(void)snprintf(out, size, "none");
		return;
	}
	switch (field->kind) {
	case FIELD_NUMBER:
		(void)snprintf(out, size, "%" PRIu64, field->number);
		return;
	case FIELD_HEX:
		(void)snprintf(out, size, "0x%04" PRIx64, field->number);
		return;
	case FIELD_MAC:
		put_mac(out, size, field->number);
		return;
	case FIELD_END_POINT:
		put_end_point(out, size, field);
		return;
	case FIELD_TCP_FLAGS:
		(void)snprintf(out, size, "%s", field_print_flags(field->number, flags));
		return;
	case FIELD_FRAGMENT:
		put_fragment(out, size, field->number);
		return;
	case FIELD_CHECKSUM:
		if (field->number == 0xffff)
			(void)snprintf(out, size, "right");
		else
			(void)snprintf(out, size, "wrong by 0x%04" PRIx64, 0xffff - field->number);
		return;
	case FIELD_BYTES:
		put_text(out, size, field->bytes, field->n_bytes, from);
		return;
	}
}

static size_t first_unequal(const struct field *a, const struct field *b)
{
	size_t i = 0;
	while (i < a->n_bytes && i < b->n_bytes && a->bytes[i] == b->bytes[i])
		i++;
	return i;
}

bool field_differs(const struct field *a, const struct field *b, unsigned ignore, struct field_change *ret)
{
	const struct field *one = a ? a : b;
	bool both = a && b;
	if (both && equal(a, b, ignore))
		return false;
	if (!both && one->kind != FIELD_END_POINT && (ignore & one->ignored_by) != 0)
		return false;
	bool port_alone = both && one->kind == FIELD_END_POINT && a->has_port && b->has_port &&
			  a->number >> 16 == b->number >> 16;
	ret->decided = one->kind == FIELD_END_POINT || one->ignored_by == COMPARE_IGNORE_PORTS || one->inner;
	(void)snprintf(ret->name, sizeof(ret->name), "%s%s%s", one->inner ? "inner " : "", one->name,
		       port_alone ? " port" : "");
	if (port_alone) {
		(void)snprintf(ret->before, sizeof(ret->before), "%u", (unsigned)(a->number & 0xffff));
		(void)snprintf(ret->after, sizeof(ret->after), "%u", (unsigned)(b->number & 0xffff));
		return true;
	}
	size_t from = both && a->kind == FIELD_BYTES && b->kind == FIELD_BYTES ? first_unequal(a, b) : 0;
	put_value(ret->before, sizeof(ret->before), a, from);
	put_value(ret->after, sizeof(ret->after), b, from);
	return true;
}
