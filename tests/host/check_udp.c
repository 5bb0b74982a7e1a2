/* UDP datagrams, echo, ICMP errors and what they are about; DNS messages to the byte. */
#include "base/arena.h"
#include "host/dialogue.h"
#include "host/udp.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct craft craft;
static const struct tuple tuple = {{0}, {0}, {0}, {0}, PROTO_UDP};

static void setup(void)
{
	char errbuf[256];

	arena = arena_new();
	ck_assert_int_eq(craft_init(&craft, errbuf), 0);
}

static void teardown(void)
{
	arena_free(arena);
}

static struct tuple udp_tuple(void)
{
	struct tuple t = tuple;

	t.src = be32_from(0x0a000106);
	t.dst = be32_from(0xa83f8110);
	t.src_port = be16_from(50000);
	t.dst_port = be16_from(53);
	return t;
}

static struct packet fresh(void)
{
	struct packet p;

	memset(&p, 0xa5, sizeof(p));
	p.flags = PACKET_OPENING;
	return p;
}

START_TEST(test_udp)
{
	static const uint32_t sizes[] = {0, 1, 2, 1472, 1473, 60000};
	struct tuple t = udp_tuple();

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct packet p = fresh();
		const struct payload *text = sizes[i] > 0 ? text_payload(arena, "f", "request", sizes[i]) : NULL;
		udp_make(&craft, &p, &t, 61, 4711, text);
		struct tuple got = packet_tuple(&p);
		const struct udp_header *udp = packet_l4_const(&p);
		ck_assert(packet_checksums_valid(&p));
		ck_assert(tuple_equal(&got, &t));
		ck_assert_uint_eq(be16_to(udp->size_bytes), 8 + sizes[i]);
		ck_assert_uint_ne(udp->check.raw, 0);
		ck_assert_uint_eq(packet_ip_const(&p)->ttl, 61);
		ck_assert_uint_eq(be16_to(packet_ip_const(&p)->id), 4711);
		ck_assert_uint_eq(be16_to(packet_ip_const(&p)->flags_fragment), sizes[i] <= 1472 ? IPV4_DF : 0);
		ck_assert_uint_eq(packet_frame_bytes(&p), 42 + sizes[i]);
		ck_assert_uint_eq(p.flags, PACKET_OPENING);
	}
}
END_TEST

START_TEST(test_echo)
{
	struct packet p = fresh();

	echo_make(&craft, &p, false, be32_from(0x0a000106), be32_from(0x0a000204), 7, 300, 64, 1, text_payload(arena, "ping", "request", 56));
	const struct icmp_header *icmp = packet_l4_const(&p);
	ck_assert(packet_checksums_valid(&p));
	ck_assert_uint_eq(icmp->type, ICMP_ECHO);
	ck_assert_uint_eq(be16_to(icmp->id), 7);
	ck_assert_uint_eq(be16_to(icmp->seq), 300);
	ck_assert_uint_eq(packet_frame_bytes(&p), 98);
	struct tuple t = packet_tuple(&p);
	ck_assert_uint_eq(be16_to(t.src_port), 7);
	echo_make(&craft, &p, true, be32_from(0x0a000106), be32_from(0x0a000204), 7, 300, 64, 1, text_payload(arena, "ping", "reply", 1473));
	ck_assert(packet_checksums_valid(&p));
	ck_assert_uint_eq(icmp->type, ICMP_ECHO_REPLY);
	ck_assert_uint_eq(packet_ip_const(&p)->flags_fragment.raw, 0);
}
END_TEST

START_TEST(test_error)
{
	struct packet about = fresh(), p = fresh();
	struct tuple t = udp_tuple(), inner;

	udp_make(&craft, &about, &t, 61, 4711, text_payload(arena, "f", "request", 100));
	icmp_error_make(&craft, &p, be32_from(0xa83f8110), ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, 0, 128, 9, &about);
	ck_assert(packet_checksums_valid(&p));
	ck_assert_uint_eq(packet_frame_bytes(&p), 14 + 20 + 8 + 28);
	ck_assert_uint_eq(p.payload_bytes, 0);
	ck_assert(be32_equal(packet_ip_const(&p)->dst, t.src));
	ck_assert_mem_eq(p.header + PACKET_L4_AT + 8, about.header + PACKET_IP_AT, 28);
	ck_assert(icmp_error_inner(&p, &inner));
	ck_assert(tuple_equal(&inner, &t));
	icmp_error_make(&craft, &p, be32_from(0xa83f8110), ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, 1400, 128, 9, &about);
	const struct icmp_header *icmp = packet_l4_const(&p);
	ck_assert_uint_eq(be16_to(icmp->seq), 1400);
	ck_assert_uint_eq(icmp->code, ICMP_FRAGMENTATION_NEEDED);
	ck_assert(packet_checksums_valid(&p));
	/* An error is not about an error, a datagram is no error. */
	ck_assert(!icmp_error_inner(&about, &inner));
	struct packet nested = fresh();
	icmp_error_make(&craft, &nested, be32_from(1), ICMP_TIME_EXCEEDED, 0, 0, 64, 1, &p);
	ck_assert(!icmp_error_inner(&nested, &inner));
}
END_TEST

START_TEST(test_error_about_echo_and_fragments)
{
	struct packet about = fresh(), p = fresh();
	struct tuple inner;

	echo_make(&craft, &about, false, be32_from(0x0a000106), be32_from(0x0a000204), 77, 1, 64, 1, NULL);
	icmp_error_make(&craft, &p, be32_from(0x0a000204), ICMP_TIME_EXCEEDED, 0, 0, 64, 1, &about);
	ck_assert(icmp_error_inner(&p, &inner));
	ck_assert_uint_eq(inner.proto, PROTO_ICMP);
	ck_assert_uint_eq(be16_to(inner.src_port), 77);
	ck_assert_uint_eq(be16_to(inner.dst_port), 77);
	/* A later fragment: no L4 header, its first bytes are payload. */
	struct tuple t = udp_tuple();
	const struct payload *text = text_payload(arena, "f", "request", 3000);
	udp_make(&craft, &about, &t, 61, 4711, text);
	about.header_bytes = 34;
	about.payload_offset = 1472;
	about.payload_bytes = 1480;
	packet_ip(&about)->flags_fragment = be16_from(185);
	packet_finish(&about);
	icmp_error_make(&craft, &p, be32_from(0x0a000204), ICMP_TIME_EXCEEDED, 1, 0, 64, 1, &about);
	uint8_t first[8];
	payload_copy(text, 1472, 8, first);
	ck_assert(packet_checksums_valid(&p));
	ck_assert_mem_eq(p.header + PACKET_L4_AT + 28, first, 8);
	ck_assert(!icmp_error_inner(&p, &inner));
	about.payload_bytes = 3; /* the last one is short */
	packet_finish(&about);
	icmp_error_make(&craft, &p, be32_from(0x0a000204), ICMP_TIME_EXCEEDED, 1, 0, 64, 1, &about);
	ck_assert(packet_checksums_valid(&p));
	ck_assert_uint_eq(packet_frame_bytes(&p), 14 + 20 + 8 + 20 + 3);
	ck_assert(!icmp_error_inner(&p, &inner));
}
END_TEST

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
	static const char answer[] = "\x12\x34\x81\x80\0\1\0\1\0\0\0\0\3api\7example\3net\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xcb\0\x71\x0a";
	static const char none[] = "\x12\x34\x81\x83\0\1\0\0\0\0\0\0\3api\7example\3net\0\0\1\0\1";
	be32 addr = be32_from(0xcb00710a);

	assert_payload(dns_query(arena, 0x1234, "api.example.net"), query, sizeof(query) - 1);
	assert_payload(dns_query(arena, 0x1234, "api.example.net."), query, sizeof(query) - 1);
	assert_payload(dns_answer(arena, 0x1234, "api.example.net", &addr), answer, sizeof(answer) - 1);
	assert_payload(dns_answer(arena, 0x1234, "api.example.net", NULL), none, sizeof(none) - 1);
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

	memset(name, 'a', sizeof(name));
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

int main(void)
{
	Suite *s = suite_create("host/udp");
	TCase *c = tcase_create("udp");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_udp);
	tcase_add_test(c, test_echo);
	tcase_add_test(c, test_error);
	tcase_add_test(c, test_error_about_echo_and_fragments);
	tcase_add_test(c, test_dns);
	tcase_add_test(c, test_dns_long_names);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int n_failed = srunner_ntests_failed(r);
	srunner_free(r);
	return n_failed > 0;
}
