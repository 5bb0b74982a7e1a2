/* Addresses and prefixes: what is one as text, printed as read; which addresses a prefix has, down to /0 and /32. */
#include "base/random.h"
#include "net/prefix.h"
#include "suite.h"
#include <string.h>

static be32 addr_of(const char *text)
{
	be32 addr;
	ck_assert_msg(addr_parse(text, &addr), "%s", text);
	return addr;
}

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;
	ck_assert_msg(prefix_parse(text, &prefix) == PREFIX_OK, "%s", text);
	return prefix;
}

START_TEST(addresses_are_in_network_order)
{
	be32 addr = addr_of("10.1.2.3");
	ck_assert_mem_eq(&addr, "\x0a\x01\x02\x03", 4);
	ck_assert_uint_eq(be32_to(addr), 0x0a010203);
	be16 port = be16_from(0x1234);
	ck_assert_mem_eq(&port, "\x12\x34", 2);
	ck_assert_uint_eq(be16_to(port), 0x1234);
	ck_assert(be32_equal(addr_of("0.0.0.0"), ADDR_NONE));
	ck_assert(!be32_equal(addr, ADDR_NONE));
	ck_assert(be16_equal(port, be16_from(0x1234)) && !be16_equal(port, be16_from(0x3412)));
}
END_TEST

START_TEST(addresses_are_printed_as_read)
{
	char text[ADDR_TEXT_BYTES];
	ck_assert_str_eq(addr_print(addr_of("255.255.255.255"), text), "255.255.255.255");
	for (uint64_t i = 0; i < 20000; i++) {
		be32 addr = {(uint32_t)random_mix(i)};
		ck_assert(be32_equal(addr_of(addr_print(addr, text)), addr));
	}
}
END_TEST

START_TEST(what_is_no_address)
{
	static const char *const bad[] = {"",
					  "1",
					  "1.2.3",
					  "1.2.3.",
					  "1.2.3.4.",
					  "1.2.3.4.5",
					  "1.2.3.256",
					  "256.1.1.1",
					  "01.2.3.4",
					  "1.2.3.00",
					  "1..2.3",
					  ".1.2.3",
					  " 1.2.3.4",
					  "1.2.3.4 ",
					  "1.2.3.4/32",
					  "1.2.3.-4",
					  "+1.2.3.4",
					  "0x1.2.3.4",
					  "a.b.c.d",
					  "1.2.3.4294967297",
					  "1,2,3,4",
					  "::1",
					  "99999999999.1.1.1"};
	for (size_t i = 0; i < N(bad); i++) {
		be32 addr = be32_from(77);
		ck_assert_msg(!addr_parse(bad[i], &addr), "%s", bad[i]);
		ck_assert_uint_eq(be32_to(addr), 77);
	}
}
END_TEST

START_TEST(prefixes_are_printed_as_read)
{
	static const char *const good[] = {"0.0.0.0/0",   "10.0.0.0/8",  "10.0.1.64/26",
					   "10.0.1.5/32", "128.0.0.0/1", "255.255.255.254/31"};
	char text[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < N(good); i++)
		ck_assert_str_eq(prefix_print(prefix_of(good[i]), text), good[i]);
	ck_assert_str_eq(prefix_print((struct prefix){be32_from(UINT32_MAX), 32}, text), "255.255.255.255/32");
}
END_TEST

START_TEST(what_is_no_prefix)
{
	static const char *const bad[] = {"",
					  "/",
					  "10.0.0.0",
					  "10.0.0.0/",
					  "/8",
					  "10.0.0.0/33",
					  "10.0.0.0/99",
					  "10.0.0.0/008",
					  "10.0.0.0/08",
					  "10.0.0.0/00",
					  "10.0.0.0/-1",
					  "10.0.0.0/ 8",
					  "10.0.0.0/8 ",
					  "10.0.0.0/8/8",
					  "10.0.0/8",
					  "10.0.0.0/a",
					  "111.111.111.1111/8",
					  "10.0.0.0/0x8"};
	for (size_t i = 0; i < N(bad); i++) {
		struct prefix prefix;
		ck_assert_msg(prefix_parse(bad[i], &prefix) == PREFIX_SYNTAX, "%s", bad[i]);
	}
}
END_TEST

/* The message to the user names what was meant. */
START_TEST(host_bits_are_told_and_taken_away)
{
	struct prefix prefix;
	char text[PREFIX_TEXT_BYTES];
	ck_assert_int_eq(prefix_parse("10.0.1.70/26", &prefix), PREFIX_HOST_BITS);
	ck_assert_str_eq(prefix_print(prefix, text), "10.0.1.64/26");
	ck_assert_int_eq(prefix_parse("0.0.0.1/0", &prefix), PREFIX_HOST_BITS);
	ck_assert_str_eq(prefix_print(prefix, text), "0.0.0.0/0");
	ck_assert_int_eq(prefix_parse("10.0.0.1/31", &prefix), PREFIX_HOST_BITS);
	ck_assert_int_eq(prefix_parse("10.0.0.1/32", &prefix), PREFIX_OK);
}
END_TEST

START_TEST(what_a_prefix_has)
{
	struct prefix subnet = prefix_of("10.0.1.64/26"), all = prefix_of("0.0.0.0/0"), one = prefix_of("10.0.1.64/32");
	ck_assert(prefix_contains(subnet, addr_of("10.0.1.64")));
	ck_assert(prefix_contains(subnet, addr_of("10.0.1.127")));
	ck_assert(!prefix_contains(subnet, addr_of("10.0.1.63")));
	ck_assert(!prefix_contains(subnet, addr_of("10.0.1.128")));
	ck_assert(prefix_contains(all, addr_of("0.0.0.0")) && prefix_contains(all, addr_of("255.255.255.255")));
	ck_assert(prefix_contains(one, addr_of("10.0.1.64")) && !prefix_contains(one, addr_of("10.0.1.65")));
	ck_assert_uint_eq(prefix_size(subnet), 64);
	ck_assert_uint_eq(prefix_size(one), 1);
	ck_assert_uint_eq(prefix_size(all), UINT64_C(4294967296));
	ck_assert(be32_equal(prefix_nth(subnet, 4), addr_of("10.0.1.68")));
	ck_assert_uint_eq(prefix_mask(all), 0);
	ck_assert_uint_eq(prefix_mask(subnet), 0xffffffc0);
	ck_assert_uint_eq(prefix_mask(one), UINT32_MAX);
}
END_TEST

START_TEST(how_prefixes_lie_to_each_other)
{
	static const struct {
		const char *a, *b;
		bool overlap, a_within_b, b_within_a;
	} cases[] = {
		{"10.0.0.0/16", "10.0.1.0/24", true, false, true},
		{"10.0.0.0/24", "10.0.1.0/24", false, false, false},
		{"10.0.0.0/24", "10.0.0.0/24", true, true, true},
		{"0.0.0.0/0", "10.0.0.0/8", true, false, true},
		{"10.0.0.0/25", "10.0.0.128/25", false, false, false},
		{"10.0.0.0/8", "10.255.255.255/32", true, false, true},
		{"0.0.0.0/0", "0.0.0.0/0", true, true, true},
	};
	for (size_t i = 0; i < N(cases); i++) {
		struct prefix a = prefix_of(cases[i].a), b = prefix_of(cases[i].b);
		ck_assert_int_eq(prefix_overlaps(a, b), cases[i].overlap);
		ck_assert_int_eq(prefix_overlaps(b, a), cases[i].overlap);
		ck_assert_int_eq(prefix_within(a, b), cases[i].a_within_b);
		ck_assert_int_eq(prefix_within(b, a), cases[i].b_within_a);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("net/prefix", &tc);
	tcase_add_test(tc, addresses_are_in_network_order);
	tcase_add_test(tc, addresses_are_printed_as_read);
	tcase_add_test(tc, what_is_no_address);
	tcase_add_test(tc, prefixes_are_printed_as_read);
	tcase_add_test(tc, what_is_no_prefix);
	tcase_add_test(tc, host_bits_are_told_and_taken_away);
	tcase_add_test(tc, what_a_prefix_has);
	tcase_add_test(tc, how_prefixes_lie_to_each_other);
	return suite_run(suite);
}
