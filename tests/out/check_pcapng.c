/* pcapng blocks byte by byte, and their lengths walked through as a reader would. */
#include "out/pcapng.h"
#include "suite.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

static struct buf out;
static struct arena *arena;

static void setup(void)
{
	out = (struct buf){0};
	arena = arena_new();
}

static void teardown(void)
{
	buf_free(&out);
	arena_free(arena);
}

static uint32_t u16_at(size_t at)
{
	return (uint32_t)out.data[at] | (uint32_t)out.data[at + 1] << 8;
}

static uint32_t u32_at(size_t at)
{
	return u16_at(at) | u16_at(at + 2) << 16;
}

static void assert_bytes(const uint8_t *expected, size_t n)
{
	ck_assert(!buf_failed(&out));
	ck_assert_uint_eq(out.size_bytes, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(out.data[i] == expected[i], "byte %zu is %02x, not %02x", i, out.data[i], expected[i]);
}

START_TEST(test_section)
{
	static const uint8_t expected[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 48,   0,    0,    0,    0x4d, 0x3c, 0x2b, 0x1a, 1,   0,   0,   0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 4,    0,    3,    0,    'a', 'p', 'p', 0,
		1,    0,    4,    0,    'n',  'o',  't',  'e',  0,    0,    0,    0,    48,  0,   0,   0,
	};
	pcapng_section(&out, "app", "note");
	assert_bytes(expected, sizeof expected);
}
END_TEST

START_TEST(test_section_without_texts)
{
	pcapng_section(&out, NULL, NULL);
	ck_assert_uint_eq(out.size_bytes, 32);
	ck_assert_uint_eq(u32_at(24), 0);
}
END_TEST

START_TEST(test_interface)
{
	static const uint8_t expected[] = {
		1, 0, 0, 0, 52,  0,   0,   0,   1,   0, 0, 0, 0,  0, 4, 0, /* Ethernet, 262144 */
		2, 0, 5, 0, 'a', '/', 'v', 'i', 'p', 0, 0, 0,              /* if_name */
		3, 0, 1, 0, 'd', 0,   0,   0,                              /* if_description */
		9, 0, 1, 0, 9,   0,   0,   0,   0,   0, 0, 0, 52, 0, 0, 0, /* if_tsresol, end */
	};
	pcapng_interface(&out, "a/vip", "d", PCAPNG_SNAPLEN);
	assert_bytes(expected, sizeof expected);
}
END_TEST

START_TEST(test_names)
{
	static const uint8_t expected[] = {
		4, 0, 0, 0, 44, 0, 0,   0,   1,   0,   8, 0, 10, 0, 1, 6, 'a', 'p', 'i', 0, 1, 0,
		9, 0, 1, 2, 3,  4, 'a', 'p', 'i', '2', 0, 0, 0,  0, 0, 0, 0,   0,   44,  0, 0, 0,
	};
	const struct pcapng_name names[] = {{be32_from(0x0a000106), "api"}, {be32_from(0x01020304), "api2"}};
	pcapng_names(&out, names, 2);
	assert_bytes(expected, sizeof expected);
	buf_clear(&out);
	pcapng_names(&out, NULL, 0);
	ck_assert_uint_eq(out.size_bytes, 0);
}
END_TEST

/* Readers refuse blocks that are too large; a long list becomes several. */
START_TEST(test_many_names)
{
	enum { N = 100000 };
	struct pcapng_name *names = calloc(N, sizeof *names);
	for (uint32_t i = 0; i < N; i++)
		names[i] = (struct pcapng_name){be32_from(i), "worker-of-an-environment"};
	pcapng_names(&out, names, N);
	size_t blocks = 0, records = 0;
	for (size_t at = 0; at < out.size_bytes; at += u32_at(at + 4)) {
		ck_assert_uint_eq(u32_at(at), 4);
		ck_assert_uint_le(u32_at(at + 4), 1048576);
		ck_assert_uint_eq(u32_at(at + u32_at(at + 4) - 4), u32_at(at + 4));
		records += (u32_at(at + 4) - 16) / 36;
		blocks++;
	}
	ck_assert_uint_eq(records, N);
	ck_assert_uint_eq(blocks, 4);
	free(names);
}
END_TEST

START_TEST(test_packet)
{
	struct packet p;
	make_packet(&p, arena, tuple_of("10.0.1.6", 49152, "203.0.113.10", 443), 0x1122334455667788, 3);
	pcapng_packet(&out, 7, INT64_C(1450310400000000001), &p, PCAPNG_SNAPLEN, PCAPNG_OUTBOUND, "hi");
	size_t frame = 57, total = 12 + 20 + 60 + 8 + 12 + 8 + 4;
	ck_assert_uint_eq(out.size_bytes, total);
	ck_assert_uint_eq(u32_at(0), 6);
	ck_assert_uint_eq(u32_at(4), total);
	ck_assert_uint_eq(u32_at(8), 7);
	ck_assert_uint_eq(((uint64_t)u32_at(12) << 32) | u32_at(16), UINT64_C(1450310400000000001));
	ck_assert_uint_eq(u32_at(20), frame);
	ck_assert_uint_eq(u32_at(24), frame);
	uint8_t bytes[57];
	packet_copy(&p, bytes);
	ck_assert_int_eq(memcmp(out.data + 28, bytes, frame), 0);
	static const uint8_t tail[] = {0,    0,    0,    2,    0,    4, 0, 2, 0, 0,   0,   5, 0, 8, 0, 0x88, 0x77, 0x66,
				       0x55, 0x44, 0x33, 0x22, 0x11, 1, 0, 2, 0, 'h', 'i', 0, 0, 0, 0, 0,    0};
	ck_assert_int_eq(memcmp(out.data + 28 + frame, tail, sizeof tail), 0);
	ck_assert_uint_eq(u32_at(total - 4), total);
}
END_TEST

START_TEST(test_snaplen)
{
	struct packet p;
	uint8_t bytes[54 + 1000];
	make_packet(&p, arena, tuple_of("10.0.1.6", 49152, "203.0.113.10", 443), 1, 1000);
	packet_copy(&p, bytes);
	static const uint32_t snaplens[] = {0, 1, 53, 54, 68, 1053, 1054, 1055};
	for (size_t i = 0; i < sizeof snaplens / sizeof *snaplens; i++) {
		uint32_t captured = snaplens[i] < 1054 ? snaplens[i] : 1054;
		buf_clear(&out);
		pcapng_packet(&out, 0, 0, &p, snaplens[i], PCAPNG_UNKNOWN, NULL);
		ck_assert_uint_eq(u32_at(20), captured);
		ck_assert_uint_eq(u32_at(24), 1054);
		ck_assert_int_eq(memcmp(out.data + 28, bytes, captured), 0);
		ck_assert_uint_eq(out.size_bytes, 12 + 20 + (captured + 3) / 4 * 4 + 12 + 4);
		ck_assert_uint_eq(u32_at(4), out.size_bytes);
		for (uint32_t k = captured; k % 4 != 0; k++)
			ck_assert_uint_eq(out.data[28 + k], 0);
	}
}
END_TEST

/* 65,535 bytes at most, and never half a character. */
START_TEST(test_long_comments)
{
	static const struct {
		const char *unit;
		size_t expected_bytes;
	} cases[] = {{"a", 65535}, {"\xc3\xa4", 65534}, {"\xe2\x86\x92", 65535}, {"\xf0\x9f\x90\x8d", 65532}};
	struct packet p;
	make_packet(&p, arena, tuple_of("10.0.1.6", 1, "10.0.1.7", 2), 1, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *comment = calloc(1, 70001), *at = comment;
		while ((size_t)(at - comment) + strlen(cases[i].unit) <= 70000)
			at = stpcpy(at, cases[i].unit);
		buf_clear(&out);
		pcapng_packet(&out, 0, 0, &p, PCAPNG_SNAPLEN, PCAPNG_UNKNOWN, comment);
		size_t option = 28 + 56 + 12;
		ck_assert_uint_eq(u16_at(option), 1);
		ck_assert_uint_eq(u16_at(option + 2), cases[i].expected_bytes);
		ck_assert_int_eq(memcmp(out.data + option + 4, comment, cases[i].expected_bytes), 0);
		ck_assert_uint_eq(out.size_bytes, option + 4 + (cases[i].expected_bytes + 3) / 4 * 4 + 8);
		free(comment);
	}
}
END_TEST

START_TEST(test_statistics)
{
	pcapng_statistics(&out, 3, INT64_C(0x0000000100000002), INT64_C(0x0000000300000004), 5, 6);
	static const uint8_t expected[] = {
		5, 0, 0, 0, 76, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 2,  0, 8, 0, 1, 0,
		0, 0, 2, 0, 0,  0, 3, 0, 8, 0, 3, 0, 0, 0, 4, 0, 0, 0, 4, 0, 8,  0, 5, 0, 0, 0,
		0, 0, 0, 0, 5,  0, 8, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 76, 0, 0, 0,
	};
	assert_bytes(expected, sizeof expected);
}
END_TEST

START_TEST(test_failed_buffer_stays_failed)
{
	out.failed = true;
	struct packet p;
	make_packet(&p, arena, tuple_of("10.0.1.6", 1, "10.0.1.7", 2), 1, 0);
	const struct pcapng_name name = {be32_from(1), "n"};
	pcapng_section(&out, "a", "b");
	pcapng_interface(&out, "a", "b", 1);
	pcapng_names(&out, &name, 1);
	pcapng_packet(&out, 0, 0, &p, 1, PCAPNG_INBOUND, "c");
	pcapng_statistics(&out, 0, 0, 0, 0, 0);
	ck_assert_uint_eq(out.size_bytes, 0);
	ck_assert(buf_failed(&out));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pcapng");
	TCase *tc = tcase_create("pcapng");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_section);
	tcase_add_test(tc, test_section_without_texts);
	tcase_add_test(tc, test_interface);
	tcase_add_test(tc, test_names);
	tcase_add_test(tc, test_many_names);
	tcase_add_test(tc, test_packet);
	tcase_add_test(tc, test_snaplen);
	tcase_add_test(tc, test_long_comments);
	tcase_add_test(tc, test_statistics);
	tcase_add_test(tc, test_failed_buffer_stays_failed);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
