/* UDP datagrams: their bytes, their checksums, and which of them may be cut. */
#include "base/arena.h"
#include "host/dialogue.h"
#include "host/udp.h"
#include "suite.h"
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

	memset(&p, 0xa5, sizeof p);
	p.flags = PACKET_OPENING;
	return p;
}

START_TEST(test_udp)
{
	static const uint32_t sizes[] = {0, 1, 2, 1472, 1473, 60000};
	struct tuple t = udp_tuple();

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
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

int main(void)
{
	Suite *s = suite_create("host/udp");
	TCase *c = tcase_create("udp");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_udp);
	suite_add_tcase(s, c);
	return suite_run(s);
}
