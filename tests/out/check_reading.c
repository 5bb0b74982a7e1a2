/* Captures read back: what our writers write, what others may, and what no program should. */
#include "net/craft.h"
#include "out/pcap.h"
#include "out/pcapng.h"
#include "out/reading.h"
#include "suite.h"
#include "support.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct buf file;
static struct packet packets[2];

static void setup(void)
{
	arena = arena_new();
	file = (struct buf){0};
	(void)directory_new();
	make_packet(&packets[0], arena, tuple_of("10.0.1.6", 49152, "203.0.113.10", 443), 7, 0);
	make_packet(&packets[1], arena, tuple_of("203.0.113.10", 443, "10.0.1.6", 49152), 8, 33);
}

static void teardown(void)
{
	buf_free(&file);
	arena_free(arena);
	directory_remove();
}

static int load(struct reading *ret)
{
	FILE *out = fopen(path_in("capture"), "wb");
	ck_assert(out && fwrite(file.data, 1, file.size_bytes, out) == file.size_bytes && fclose(out) == 0);
	return reading_load(arena, path_in("capture"), ret);
}

static void write_pcapng(void)
{
	pcapng_section(&file, "test", NULL);
	pcapng_interface(&file, "left", "a description", PCAPNG_SNAPLEN);
	pcapng_interface(&file, "right", NULL, PCAPNG_SNAPLEN);
	pcapng_names(&file, &(struct pcapng_name){tuple_of("10.0.1.6", 0, "10.0.1.6", 0).src, "x"}, 1);
	pcapng_packet(&file, 1, INT64_C(1450310400123456789), &packets[0], PCAPNG_SNAPLEN, PCAPNG_OUTBOUND,
		      "call packet 7: a note");
	pcapng_packet(&file, 0, INT64_C(1450310400123456790), &packets[1], 60, PCAPNG_UNKNOWN, NULL);
	pcapng_statistics(&file, 0, 0, 1, 1, 0);
}

START_TEST(what_we_write)
{
	struct reading reading;
	write_pcapng();
	ck_assert_int_eq(load(&reading), 0);
	ck_assert_uint_eq(reading.n_interfaces, 2);
	ck_assert_str_eq(reading.interfaces[1], "right");
	ck_assert_uint_eq(reading.n_records, 2);
	const struct reading_record *first = &reading.records[0], *second = &reading.records[1];
	ck_assert(first->unix_ns == INT64_C(1450310400123456789) && first->interface == 1 && first->id == 7 &&
		  first->direction == PCAPNG_OUTBOUND);
	ck_assert(first->comment_bytes == 21 && memcmp(first->comment, "call packet 7: a note", 21) == 0);
	ck_assert_uint_eq(first->captured_bytes, packet_frame_bytes(&packets[0]));
	uint8_t frame[256];
	packet_copy(&packets[0], frame);
	ck_assert_mem_eq(first->frame, frame, first->captured_bytes);
	ck_assert(second->captured_bytes == 60 && second->frame_bytes == packet_frame_bytes(&packets[1]) &&
		  !second->comment);
}
END_TEST

START_TEST(classic_pcap)
{
	struct pcap_writer *writer;
	struct reading reading;
	ck_assert_int_eq(pcap_writer_new(&writer), 0);
	ck_assert_int_eq(pcap_writer_header(writer, &file, PCAP_SNAPLEN), 0);
	pcap_packet(&file, INT64_C(1450310400123456789), &packets[1], PCAP_SNAPLEN);
	pcap_writer_free(writer);
	ck_assert_int_eq(load(&reading), 0);
	ck_assert_uint_eq(reading.n_records, 1);
	ck_assert(reading.records[0].unix_ns == INT64_C(1450310400123456789));
	ck_assert_uint_eq(reading.records[0].frame_bytes, packet_frame_bytes(&packets[1]));
	file.size_bytes -= 5;
	ck_assert_int_eq(load(&reading), 1);
	ck_assert(reading.problem);
}
END_TEST

/* A big-endian machine's section, microseconds, an option before the name, a block of an unknown kind. */
START_TEST(what_others_write)
{
	static const uint8_t other[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 0,    0,    0,   28, 0x1a, 0x2b, 0x3c, 0x4d, 0,   1, 0, 0, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,   0,  0,    28,   0,    0,    0,   1, 0, 0, 0,    44,
		0,    1,    0,    0,    0,    0,    0,   0,  0,    1,    0,    1,    'c', 0, 0, 0, 0,    2,
		0,    5,    'e',  't',  'h',  '0',  0,   0,  0,    0,    0,    0,    0,   0, 0, 0, 0,    44,
		0,    0,    0x0b, 0xad, 0,    0,    0,   12, 0,    0,    0,    12,   0,   0, 0, 6, 0,    0,
		0,    36,   0,    0,    0,    0,    0,   0,  0,    1,    0,    0,    0,   2, 0, 0, 0,    3,
		0,    0,    0,    99,   'a',  'b',  'c', 0,  0,    0,    0,    36,
	};
	struct reading reading;
	buf_append(&file, other, sizeof other);
	ck_assert_int_eq(load(&reading), 0);
	ck_assert_str_eq(reading.interfaces[0], "eth0");
	ck_assert_uint_eq(reading.n_records, 1);
	ck_assert(reading.records[0].unix_ns == INT64_C(4294967298000) && reading.records[0].captured_bytes == 3 &&
		  reading.records[0].frame_bytes == 99);
	ck_assert(reading.records[0].id == 0 && memcmp(reading.records[0].frame, "abc", 3) == 0);
}
END_TEST

START_TEST(sections_have_interfaces_of_their_own)
{
	struct reading reading;
	write_pcapng();
	pcapng_section(&file, NULL, NULL);
	pcapng_interface(&file, "right", NULL, PCAPNG_SNAPLEN);
	pcapng_packet(&file, 0, 1, &packets[0], PCAPNG_SNAPLEN, PCAPNG_UNKNOWN, NULL);
	ck_assert_int_eq(load(&reading), 0);
	ck_assert_uint_eq(reading.n_interfaces, 2);
	ck_assert_uint_eq(reading.records[2].interface, 1);
	pcapng_packet(&file, 1, 1, &packets[0], PCAPNG_SNAPLEN, PCAPNG_UNKNOWN, NULL);
	ck_assert_int_eq(load(&reading), 1); /* this section has one alone */
	ck_assert(strstr(reading.problem, "interface"));
	ck_assert_uint_eq(reading.n_records, 3);
}
END_TEST

START_TEST(damage_is_told_where_it_is)
{
	struct reading reading;
	write_pcapng();
	size_t whole = file.size_bytes, n_fine = 0;
	for (size_t n = 0; n < whole;
	     n++) { /* cut anywhere: what came before is there, and only at the end of a block all is well */
		file.size_bytes = n;
		int r = load(&reading);
		ck_assert(r == 0 || (r == 1 && reading.problem && reading.problem_at <= n));
		n_fine += r == 0;
	}
	ck_assert_uint_eq(n_fine, 6); /* after each block but the last */
	file.size_bytes = whole;
	for (size_t i = 0; i < whole * 8; i++) {
		file.data[i / 8] ^= (uint8_t)(1u << i % 8);
		int r = load(&reading);
		ck_assert(r == 0 || (r == 1 && reading.problem));
		file.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}
END_TEST

START_TEST(what_is_no_capture)
{
	struct reading reading;
	ck_assert_int_eq(load(&reading), 1); /* empty */
	ck_assert(reading.problem);
	buf_puts(&file, "nat,inside,outside\n");
	ck_assert_int_eq(load(&reading), 1);
	ck_assert_int_eq(reading_load(arena, path_in("nothing"), &reading), -ENOENT);
	ck_assert_int_eq(reading_load(arena, "/", &reading), -EISDIR);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("out/reading", &tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_we_write);
	tcase_add_test(tcase, classic_pcap);
	tcase_add_test(tcase, what_others_write);
	tcase_add_test(tcase, sections_have_interfaces_of_their_own);
	tcase_add_test(tcase, damage_is_told_where_it_is);
	tcase_add_test(tcase, what_is_no_capture);
	return suite_run(suite);
}
