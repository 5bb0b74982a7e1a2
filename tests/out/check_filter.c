/* Filters: what an expression lets through, and that no name is looked up in the world outside, nor in its files. */
#include "out/filter.h"
#include "suite.h"
#include "support.h"
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

static bool matches(const char *expression, const struct packet *p)
{
	struct filter *filter;
	char errbuf[256] = "";
	int r = filter_new(expression, &filter, errbuf);
	ck_assert_msg(r == 0, "%s: %s", expression, errbuf);
	bool matched = filter_matches(filter, p);
	ck_assert_ptr_null(filter_free(filter));
	return matched;
}

START_TEST(test_filter_matches)
{
	struct packet syn, data;
	make_packet(&syn, arena, tuple_of("10.0.1.6", 49152, "203.0.113.10", 443), 1, 0);
	make_packet(&data, arena, tuple_of("192.23.1.2", 1024, "203.0.113.10", 443), 2, 1400);
	ck_assert(matches("", &syn));
	ck_assert(matches("src net 10.0.0.0/8", &syn));
	ck_assert(!matches("src net 10.0.0.0/8", &data));
	ck_assert(matches("tcp[tcpflags] & tcp-syn != 0 and not port 80", &syn));
	ck_assert(!matches("tcp[tcpflags] & tcp-rst != 0", &syn));
	ck_assert(matches("len = 1454 and greater 1000", &data));
	ck_assert(matches("host 192.23.1.2 or dst port 53", &data));
	ck_assert(matches("tcp[20:4] = 0x62656769", &data)); /* the payload is there: "begi" */
	ck_assert(matches("ether src 02:00:00:00:00:02", &syn));
	ck_assert(matches("src or dst host 10.0.1.6", &syn));
	ck_assert(matches("ether host aa:bb:cc:dd:ee:ff or tcp", &syn));
	/* What follows a host and is no name: keywords, ports by name, constants, arithmetic. */
	ck_assert(matches("host 10.0.0.9 or tcp", &syn));
	ck_assert(matches("host 10.0.1.6 and not port domain", &syn));
	ck_assert(matches("host 10.0.1.6 and port http or https", &syn));
	/* Ports and protocols by name mean the same on every machine, whatever /etc/services and /etc/protocols hold. */
	ck_assert(matches("tcp port https", &syn));
	ck_assert(matches("dst port \\https", &syn));
	ck_assert(matches("portrange http-https", &syn));
	ck_assert(matches("portrange microsoft-ds-500 or portrange 400-microsoft-ds", &syn));
	ck_assert(!matches("portrange ftp-data-ssh", &syn));
	ck_assert(!matches("udp port https", &syn));
	ck_assert(!matches("port ssh or domain or ms-sql-s", &syn));
	ck_assert(matches("ip proto \\tcp", &syn));
	ck_assert(matches("proto \\udp or \\tcp", &syn));
	ck_assert(!matches("ip proto ospf or gre", &syn));
	ck_assert(matches("ether proto \\ip and ip proto 6", &syn));
	ck_assert(!matches("ether proto \\arp", &syn));
	ck_assert(matches("port https and icmp[icmptype] = icmp-echo or tcp[tcpflags] & tcp-syn != 0", &syn));
	ck_assert(matches("src 10.0.1.6 and tcp[tcpflags] & (tcp-syn | tcp-rst) == tcp-syn", &syn));
	ck_assert(matches("host 10.0.1.6 && tcp[13:1] & 0x2 != 0 && ether[12:2] = 0x0800", &syn));
	ck_assert(matches("host 10.0.1.6 and ip proto \\tcp and len < 0xff", &syn));
	ck_assert(matches("net 10.0.1 or 127.1", &syn));
	ck_assert(matches("src net 10.0.0.0 mask 255.0.0.0", &syn));
	ck_assert(!matches("ether host aa-bb-cc-dd-ee-ff or 0a:0:0:0:0:1", &syn));
	ck_assert(!matches("host fe80::1 or net 2001:db8::/32", &syn));
}
END_TEST

START_TEST(test_filter_refuses)
{
	static const struct {
		const char *expression, *words;
	} cases[] = {
		{"port", "syntax error"},
		{"tcp and (", "syntax error"},
		{"src net 10.0.0.0/40", "mask"},
		{"host api", "'api' is a name"},
		{"tcp and src api.example.net", "'api.example.net' is a name"},
		{"dst host (localhost or 10.0.0.1)", "'localhost' is a name"},
		{"src or dst example", "'example' is a name"},
		{"net loopback", "'loopback' is a name"},
		{"dst \\host", "is a name"},
		/* "and", "or" and "not" pass on that a host is meant. */
		{"host 10.0.0.1 or localhost", "'localhost' is a name"},
		{"host 10.0.0.1||localhost", "'localhost' is a name"},
		{"net 10.0.0.0/8 and not loopback", "'loopback' is a name"},
		{"src host 10.0.0.1 and (10.0.0.2 or example.net)", "'example.net' is a name"},
		{"host 10.0.0.1 and tcp[13:1] != 0 or http", "'http' is a name"},
		{"port 80 and host 10.0.0.1 or api", "'api' is a name"},
		{"src 3com", "'3com' is a name"},
		{"host 10.0.0.1.example", "'10.0.0.1.example' is a name"},
		{"host a:b", "'a:b' is a name"},
		{"ether host aa:bb:cc:dd:ee", "'aa:bb:cc:dd:ee' is a name"},
		{"host abc:1:2:3:4:5", "'abc:1:2:3:4:5' is a name"},
		{"host 10.0.0.1 or port foo", "unknown port 'foo': write its number"},
		{"tcp port http or fooo", "unknown port 'fooo'"},
		{"portrange ftp-nowhere", "unknown port 'ftp-nowhere'"},
		{"portrange ftp-99999", "unknown port 'ftp-99999'"},
		{"ip proto foo", "unknown protocol 'foo': write its number"},
		{"ether proto foo", "unknown ether proto 'foo'"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct filter *filter;
		char errbuf[256] = "";
		ck_assert_int_eq(filter_new(cases[i].expression, &filter, errbuf), 1);
		ck_assert_ptr_null(filter);
		ck_assert_msg(strstr(errbuf, cases[i].words), "%s: %s", cases[i].expression, errbuf);
	}
	char *longest = calloc(1, 5000);
	memcpy(longest, "host ", 5);
	memset(longest + 5, 'n', 4000);
	struct filter *filter;
	char errbuf[256];
	ck_assert_int_eq(filter_new(longest, &filter, errbuf), 1);
	ck_assert_uint_lt(strlen(errbuf), sizeof errbuf);
	free(longest);
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/filter", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_filter_matches);
	tcase_add_test(tc, test_filter_refuses);
	return suite_run(suite);
}
