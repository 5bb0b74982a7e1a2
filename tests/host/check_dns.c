/* DNS messages (RFC 1035 4.1): to the byte, and taken apart again as a resolver does. */
#include "base/arena.h"
#include "host/dialogue.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static void assert_payload(const struct payload *p, const char *bytes, uint32_t n)
{
	uint8_t got[1024];

	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(p->size_bytes, n);
	payload_copy(p, 0, n, got);
	ck_assert_mem_eq(got, bytes, n);
}

START_TEST(test_dns)
{
	static const char query[] = "\x12\x34\x01\x00\0\1\0\0\0\0\0\0\3api\7example\3net\0\0\1\0\1";
	static const char answer[] = "\x12\x34\x81\x80\0\1\0\1\0\0\0\0\3api\7example\3net\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0"
				     "\0\x3c\0\4\xcb\0\x71\x0a";
	static const char none[] = "\x12\x34\x81\x83\0\1\0\0\0\0\0\0\3api\7example\3net\0\0\1\0\1";
	be32 addr = be32_from(0xcb00710a);

	assert_payload(dns_query(arena, 0x1234, "api.example.net"), query, sizeof query - 1);
	assert_payload(dns_query(arena, 0x1234, "api.example.net."), query, sizeof query - 1);
	assert_payload(dns_answer(arena, 0x1234, "api.example.net", &addr), answer, sizeof answer - 1);
	assert_payload(dns_answer(arena, 0x1234, "api.example.net", NULL), none, sizeof none - 1);
}
END_TEST

/* Any length, from what the framing takes. */
START_TEST(test_dns_padding)
{
	static const char opt[] = "\0\0\x29\xff\xff\0\0\0\0";
	static uint8_t got[65536];
	be32 addr = be32_from(0xc0000201);
	const uint32_t query_bytes = 12 + 14 + 4, answer_bytes = query_bytes + 16;

	for (uint32_t n = 0; n <= 65507; n += n < 200 ? 1 : 997) {
		const struct payload *messages[] = {dns_padded_query(arena, 7, "call.example", n),
						    dns_padded_answer(arena, 7, "call.example", &addr, n)};
		for (uint32_t i = 0; i < 2; i++) {
			uint32_t least = i == 0 ? query_bytes : answer_bytes;
			uint32_t expected = n <= least ? least : n < least + 15 ? least + 15 : n;
			ck_assert_uint_eq(messages[i]->size_bytes, expected);
			payload_copy(messages[i], 0, expected, got);
			ck_assert_uint_eq(got[11], expected > least);
			ck_assert_mem_eq(got + 12, "\4call\7example", 14);
			if (expected == least)
				continue;
			ck_assert_mem_eq(got + least, opt, 9);
			ck_assert_uint_eq((uint32_t)got[least + 9] << 8 | got[least + 10], expected - least - 11);
			ck_assert_mem_eq(got + least + 11, "\0\x0c", 2);
			ck_assert_uint_eq((uint32_t)got[least + 13] << 8 | got[least + 14], expected - least - 15);
			uint32_t n_set = 0;
			for (uint32_t at = least + 15; at < expected; at++)
				n_set += got[at] != 0;
			ck_assert_uint_eq(n_set, 0);
		}
	}
}
END_TEST

/* Walks the name of a query: labels of 1 to 63, 255 in all. */
static uint32_t name_bytes(const struct payload *query)
{
	uint8_t got[1024];
	uint32_t at = 12;

	payload_copy(query, 0, query->size_bytes, got);
	while (got[at] != 0) {
		ck_assert_uint_le(got[at], 63);
		at += 1u + got[at];
		ck_assert_uint_lt(at, query->size_bytes);
	}
	ck_assert_uint_eq(query->size_bytes, at + 1 + 4);
	return at + 1 - 12;
}

START_TEST(test_dns_long_names)
{
	char name[2000];

	memset(name, 'a', sizeof name);
	name[1999] = '\0';
	ck_assert_uint_eq(name_bytes(dns_query(arena, 1, name)), 65);
	for (size_t i = 50; i < 1999; i += 51)
		name[i] = '.';
	ck_assert_uint_eq(name_bytes(dns_query(arena, 1, name)), 255);
	memset(name, '.', 1999);
	ck_assert_uint_eq(name_bytes(dns_query(arena, 1, name)), 1);
	for (size_t i = 0; i < 1999; i += 2)
		name[i] = 'x';
	ck_assert_uint_eq(name_bytes(dns_query(arena, 1, name)), 255);
	ck_assert_uint_eq(name_bytes(dns_query(arena, 1, "")), 1);
}
END_TEST

/* A message as its receiver reads it: header, question with a name of labels, and an answer whose name is a pointer
 * (4.1.4). */
struct read_message {
	unsigned id, flags, counts[4];
	char name[300];
	unsigned type, class;
	uint32_t answer_ttl, answer_addr;
};

static unsigned read16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint32_t read32(const uint8_t *at)
{
	return (uint32_t)read16(at) << 16 | read16(at + 2);
}

static void read_name(const uint8_t *bytes, uint32_t n, uint32_t *at, char *out)
{
	uint32_t i = *at;
	bool jumped = false;
	while (bytes[i] != 0) {
		ck_assert_uint_lt(i, n);
		if (bytes[i] >= 0xc0) {
			if (!jumped)
				*at = i + 2;
			ck_assert_uint_lt(read16(bytes + i) & 0x3fff, i); /* pointers point back */
			jumped = true;
			i = read16(bytes + i) & 0x3fff;
			continue;
		}
		memcpy(out, bytes + i + 1, bytes[i]);
		out += bytes[i];
		*out++ = '.';
		i += 1u + bytes[i];
	}
	*out = '\0';
	if (!jumped)
		*at = i + 1;
}

static void read_all(const struct payload *p, struct read_message *m)
{
	uint8_t bytes[1024];
	uint32_t n = p->size_bytes, at = 12;
	char again[300];
	ck_assert_uint_le(n, 512); /* 4.2.1: over UDP */
	payload_copy(p, 0, n, bytes);
	memset(m, 0, sizeof *m);
	m->id = read16(bytes);
	m->flags = read16(bytes + 2);
	for (size_t i = 0; i < 4; i++)
		m->counts[i] = read16(bytes + 4 + 2 * i);
	read_name(bytes, n, &at, m->name);
	m->type = read16(bytes + at);
	m->class = read16(bytes + at + 2);
	at += 4;
	if (m->counts[1] == 1) {
		read_name(bytes, n, &at, again);
		ck_assert_str_eq(again, m->name);
		ck_assert_uint_eq(read16(bytes + at), 1);
		ck_assert_uint_eq(read16(bytes + at + 2), 1);
		m->answer_ttl = read32(bytes + at + 4);
		ck_assert_uint_eq(read16(bytes + at + 8), 4);
		m->answer_addr = read32(bytes + at + 10);
		at += 14;
	}
	ck_assert_uint_eq(at, n);
}

START_TEST(test_read_again)
{
	static const char *const names[] = {"api.example.net", "a", "xn--bcher-kva.example", "1.2.3.4.in-addr.arpa",
					    "a.b.c.d.e.f.g.h"};
	for (uint16_t i = 0; i < N(names); i++) {
		struct read_message q, a, none;
		be32 addr = be32_from(UINT32_C(0xcb007100) + i);
		const char *expected = arena_printf(arena, "%s.", names[i]);
		uint16_t id = (uint16_t)(65535 - i);
		read_all(dns_query(arena, id, names[i]), &q);
		read_all(dns_answer(arena, id, names[i], &addr), &a);
		read_all(dns_answer(arena, id, names[i], NULL), &none);
		ck_assert_str_eq(q.name, expected);
		ck_assert_str_eq(a.name, expected);
		ck_assert_str_eq(none.name, expected);
		ck_assert(q.id == id && a.id == id && none.id == id);
		ck_assert(q.type == 1 && q.class == 1 && a.type == 1 && none.type == 1);
		ck_assert_uint_eq(q.flags & 0x8000, 0);
		ck_assert_uint_ne(a.flags & 0x8000, 0);
		ck_assert_uint_eq(a.flags & 15, 0);
		ck_assert_uint_eq(none.flags & 15, 3); /* NXDOMAIN */
		ck_assert(q.counts[0] == 1 && q.counts[1] == 0 && a.counts[1] == 1 && none.counts[1] == 0);
		ck_assert(a.counts[2] == 0 && a.counts[3] == 0);
		ck_assert_uint_eq(a.answer_addr, be32_to(addr));
		ck_assert_uint_eq(a.answer_ttl, 60);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("host/dns", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_dns);
	tcase_add_test(tc, test_dns_padding);
	tcase_add_test(tc, test_dns_long_names);
	tcase_add_test(tc, test_read_again);
	return suite_run(suite);
}
