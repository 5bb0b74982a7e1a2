/* ICMP (RFC 792): echo, errors and what they are about, and which of them say what. */
#include "base/arena.h"
#include "host/dialogue.h"
#include "host/udp.h"
#include "suite.h"
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

	memset(&p, 0xa5, sizeof p);
	p.flags = PACKET_OPENING;
	return p;
}

START_TEST(test_echo)
{
	struct packet p = fresh();

	echo_make(&craft, &p, false, be32_from(0x0a000106), be32_from(0x0a000204), 7, 300, 64, 1,
		  text_payload(arena, "ping", "request", 56));
	const struct icmp_header *icmp = packet_l4_const(&p);
	ck_assert(packet_checksums_valid(&p));
	ck_assert_uint_eq(icmp->type, ICMP_ECHO);
	ck_assert_uint_eq(be16_to(icmp->id), 7);
	ck_assert_uint_eq(be16_to(icmp->seq), 300);
	ck_assert_uint_eq(packet_frame_bytes(&p), 98);
	struct tuple t = packet_tuple(&p);
	ck_assert_uint_eq(be16_to(t.src_port), 7);
	echo_make(&craft, &p, true, be32_from(0x0a000106), be32_from(0x0a000204), 7, 300, 64, 1,
		  text_payload(arena, "ping", "reply", 1473));
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
	icmp_error_make(&craft, &p, be32_from(0xa83f8110), ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, 1400, 128, 9,
			&about);
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

/* Which errors stop a connection, which make its segments smaller, and which say nothing of either (RFC 1122 4.2.3.9,
 * RFC 1191). */
START_TEST(test_kinds_of_errors)
{
	static const struct {
		uint8_t type, code;
		bool too_big, unreachable;
	} cases[] = {
		{ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED, true, false},
		{ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, false, true},
		{ICMP_UNREACHABLE, 0, false, true},
		{ICMP_UNREACHABLE, 13, false, true},
		{ICMP_TIME_EXCEEDED, 0, false, false},
		{ICMP_TIME_EXCEEDED, 4, false, false},
		{ICMP_ECHO, ICMP_FRAGMENTATION_NEEDED, false, false},
	};
	struct packet about = fresh(), p = fresh();
	struct tuple t = udp_tuple();
	udp_make(&craft, &about, &t, 61, 4711, text_payload(arena, "f", "request", 100));
	for (size_t i = 0; i < N(cases); i++) {
		uint16_t mtu = 7;
		icmp_error_make(&craft, &p, be32_from(1), cases[i].type, cases[i].code, 1400, 64, 1, &about);
		ck_assert_int_eq(icmp_error_is_too_big(&p, &mtu), cases[i].too_big);
		ck_assert_uint_eq(mtu, cases[i].too_big ? 1400 : 7);
		ck_assert_int_eq(icmp_error_is_unreachable(&p), cases[i].unreachable);
		packet_ip(&p)->flags_fragment = be16_from(IPV4_MF); /* the rest of a piece is not known */
		ck_assert(!icmp_error_is_too_big(&p, &mtu) && !icmp_error_is_unreachable(&p));
		packet_ip(&p)->flags_fragment = be16_from(0);
		packet_ip(&p)->proto = PROTO_UDP;
		ck_assert(!icmp_error_is_too_big(&p, &mtu) && !icmp_error_is_unreachable(&p));
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("host/icmp", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_echo);
	tcase_add_test(tc, test_error);
	tcase_add_test(tc, test_error_about_echo_and_fragments);
	tcase_add_test(tc, test_kinds_of_errors);
	return suite_run(suite);
}
