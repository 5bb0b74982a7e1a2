/* Classic captures byte by byte, and filters: what libpcap writes for us and what it decides. */
#include "out/filter.h"
#include "out/pcap.h"
#include "support.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct buf out;
static struct arena *arena;
static struct pcap_writer *writer;

static void setup(void)
{
	out = (struct buf){0};
	arena = arena_new();
	ck_assert_int_eq(pcap_writer_new(&writer), 0);
}

static void teardown(void)
{
	writer = pcap_writer_free(writer);
	buf_free(&out);
	arena_free(arena);
}

static uint32_t u32_at(size_t at)
{
	return (uint32_t)out.data[at] | (uint32_t)out.data[at + 1] << 8 | (uint32_t)out.data[at + 2] << 16 |
	       (uint32_t)out.data[at + 3] << 24;
}

START_TEST(test_header)
{
	static const uint8_t expected[24] = {0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0};
	ck_assert_int_eq(pcap_writer_header(writer, &out, PCAP_SNAPLEN), 0);
	ck_assert_uint_eq(out.size_bytes, 24);
	ck_assert_int_eq(memcmp(out.data, expected, 24), 0);
	ck_assert_int_eq(pcap_writer_header(writer, &out, 96), 0); /* one writer, many files */
	ck_assert_uint_eq(out.size_bytes, 48);
	ck_assert_uint_eq(u32_at(24 + 16), 96);
}
END_TEST

START_TEST(test_records)
{
	static const struct {
		int64_t unix_ns;
		uint32_t snaplen, payload_bytes, s, ns, captured;
	} cases[] = {
		{INT64_C(1450310400000000001), PCAP_SNAPLEN, 1400, 1450310400, 1, 1454},
		{INT64_C(1450310400999999999), 1454, 1400, 1450310400, 999999999, 1454},
		{INT64_C(4000000000000000000), 1453, 1400, 4000000000, 0, 1453},
		{0, 68, 1400, 0, 0, 68},
		{-1, PCAP_SNAPLEN, 0, UINT32_MAX, 999999999, 54},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct packet p;
		uint8_t bytes[1454];
		make_packet(&p, arena, tuple_of("10.0.1.6", 49152, "203.0.113.10", 443), 1, cases[i].payload_bytes);
		packet_copy(&p, bytes);
		size_t at = out.size_bytes;
		pcap_writer_packet(writer, &out, cases[i].unix_ns, &p, cases[i].snaplen);
		ck_assert_uint_eq(out.size_bytes, at + 16 + cases[i].captured);
		ck_assert_uint_eq(u32_at(at), cases[i].s);
		ck_assert_uint_eq(u32_at(at + 4), cases[i].ns);
		ck_assert_uint_eq(u32_at(at + 8), cases[i].captured);
		ck_assert_uint_eq(u32_at(at + 12), 54 + cases[i].payload_bytes);
		ck_assert_int_eq(memcmp(out.data + at + 16, bytes, cases[i].captured), 0);
	}
}
END_TEST

START_TEST(test_failed_buffer_stays_failed)
{
	struct packet p;
	make_packet(&p, arena, tuple_of("10.0.1.6", 1, "10.0.1.7", 2), 1, 0);
	out.failed = true;
	pcap_writer_packet(writer, &out, 0, &p, PCAP_SNAPLEN);
	ck_assert_uint_eq(out.size_bytes, 0);
	out.failed = false; /* and the writer serves the next buffer */
	pcap_writer_packet(writer, &out, 0, &p, PCAP_SNAPLEN);
	ck_assert_uint_eq(out.size_bytes, 16 + 54);
}
END_TEST

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
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct filter *filter;
		char errbuf[256] = "";
		ck_assert_int_eq(filter_new(cases[i].expression, &filter, errbuf), 1);
		ck_assert_ptr_null(filter);
		ck_assert_msg(strstr(errbuf, cases[i].words) != NULL, "%s: %s", cases[i].expression, errbuf);
	}
	char *longest = calloc(1, 5000);
	memcpy(longest, "host ", 5);
	memset(longest + 5, 'n', 4000);
	struct filter *filter;
	char errbuf[256];
	ck_assert_int_eq(filter_new(longest, &filter, errbuf), 1);
	ck_assert_uint_lt(strlen(errbuf), sizeof(errbuf));
	free(longest);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pcap");
	TCase *tc = tcase_create("pcap");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_header);
	tcase_add_test(tc, test_records);
	tcase_add_test(tc, test_failed_buffer_stays_failed);
	tcase_add_test(tc, test_filter_matches);
	tcase_add_test(tc, test_filter_refuses);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
