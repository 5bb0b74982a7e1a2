/* Reasons and tuples as text: each reason has a name of its own that reads back; a tuple is printed as people know
 * it. */
#include "net/reason.h"
#include "net/tuple.h"
#include "suite.h"
#include <string.h>

START_TEST(names_read_back)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		const char *name = reason_name((enum reason)i);
		enum reason again = REASON_NONE;
		ck_assert_uint_gt(strlen(name), 0);
		ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		ck_assert(reason_parse(name, &again));
		ck_assert_int_eq((int)again, i); /* two of one name would give the first */
	}
	ck_assert_str_eq(reason_name(REASON_NONE), "");
	ck_assert_str_eq(reason_name(REASON_SNAT_PORTS_EXHAUSTED), "snat-ports-exhausted");
	ck_assert_str_eq(reason_name(REASON_FRAGMENT_NOT_TRANSLATED), "fragment-not-translated");
	ck_assert_str_eq(reason_name(REASON_NOT_FORWARDING), "not-forwarding");
	ck_assert_str_eq(reason_name(REASON_FRAGMENT_OUT_OF_ORDER), "fragment-out-of-order");
	ck_assert_str_eq(reason_name(REASON_NO_OUTBOUND), "no-outbound");
}
END_TEST

START_TEST(other_words_are_no_reasons)
{
	static const char *const bad[] = {"", "none", "NSG-DENY", "nsg_deny", "nsg-den", "nsg-deny "};
	enum reason reason = REASON_LINK_LOSS;
	for (size_t i = 0; i < N(bad); i++)
		ck_assert(!reason_parse(bad[i], &reason));
	ck_assert_int_eq(reason, REASON_LINK_LOSS);
}
END_TEST

START_TEST(tuples_as_text)
{
	char text[TUPLE_TEXT_BYTES];
	struct tuple t = {be32_from(0x0a000106), be32_from(0xcb00710a), be16_from(49152), be16_from(443), PROTO_TCP};
	ck_assert_str_eq(tuple_print(&t, text), "tcp 10.0.1.6:49152 > 203.0.113.10:443");
	t.proto = PROTO_UDP;
	ck_assert_str_eq(tuple_print(&t, text), "udp 10.0.1.6:49152 > 203.0.113.10:443");
	t = (struct tuple){be32_from(0x0a000106), be32_from(0x0a000204), be16_from(7), be16_from(7), PROTO_ICMP};
	ck_assert_str_eq(tuple_print(&t, text), "icmp 10.0.1.6 > 10.0.2.4 id 7");
	t = (struct tuple){be32_from(UINT32_MAX), be32_from(UINT32_MAX), be16_from(65535), be16_from(65535), 99};
	ck_assert_str_eq(tuple_print(&t, text), "ip 255.255.255.255:65535 > 255.255.255.255:65535");
	t.proto = PROTO_ICMP;
	ck_assert_uint_lt(strlen(tuple_print(&t, text)), TUPLE_TEXT_BYTES);
}
END_TEST

START_TEST(tuples_turned_and_compared)
{
	struct tuple t = {be32_from(1), be32_from(2), be16_from(3), be16_from(4), PROTO_TCP}, r = tuple_reverse(t), u;
	ck_assert(r.src.raw == t.dst.raw && r.dst.raw == t.src.raw && r.src_port.raw == t.dst_port.raw &&
		  r.dst_port.raw == t.src_port.raw);
	ck_assert(!tuple_equal(&t, &r));
	r = tuple_reverse(r);
	ck_assert(tuple_equal(&t, &r));
	/* Each field counts. */
	u = t, u.src = be32_from(9);
	ck_assert(!tuple_equal(&t, &u));
	u = t, u.dst = be32_from(9);
	ck_assert(!tuple_equal(&t, &u));
	u = t, u.src_port = be16_from(9);
	ck_assert(!tuple_equal(&t, &u));
	u = t, u.dst_port = be16_from(9);
	ck_assert(!tuple_equal(&t, &u));
	u = t, u.proto = PROTO_UDP;
	ck_assert(!tuple_equal(&t, &u));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("net/reason", &tc);
	tcase_add_test(tc, names_read_back);
	tcase_add_test(tc, other_words_are_no_reasons);
	tcase_add_test(tc, tuples_as_text);
	tcase_add_test(tc, tuples_turned_and_compared);
	return suite_run(suite);
}
