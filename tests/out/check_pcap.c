/* Classic captures byte by byte: what libpcap writes for us. */
#include "out/pcap.h"
#include "suite.h"
#include "support.h"
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
	static const uint8_t expected[24] = {0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
					     0,    0,    0,    0,    0, 0, 4, 0, 1, 0, 0, 0};
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
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct packet p;
		uint8_t bytes[1454];
		make_packet(&p, arena, tuple_of("10.0.1.6", 49152, "203.0.113.10", 443), 1, cases[i].payload_bytes);
		packet_copy(&p, bytes);
		size_t at = out.size_bytes;
		pcap_packet(&out, cases[i].unix_ns, &p, cases[i].snaplen);
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
	pcap_packet(&out, 0, &p, PCAP_SNAPLEN);
	ck_assert_uint_eq(out.size_bytes, 0);
	out.failed = false; /* and the writer serves the next buffer */
	pcap_packet(&out, 0, &p, PCAP_SNAPLEN);
	ck_assert_uint_eq(out.size_bytes, 16 + 54);
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
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
