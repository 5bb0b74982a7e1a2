/* Frames as fields: which field differs when one byte does, and what is passed over. */
#include "compare/frame.h"
#include "net/checksum.h"
#include "net/tuple.h"
#include "suite.h"
#include <string.h>

#define IP_AT 14
#define L4_AT 34

/* 10.0.1.6:49152 > 203.0.113.10:80, PSH and ACK, "hello". */
static const uint8_t tcp_frame[] = {
	0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x00, 0x0d, 0x3a, 0x00, 0x01, 0x06, 0x08, 0x00, 0x45,
	0x00, 0x00, 0x2d, 0x12, 0x34, 0x40, 0x00, 0x40, 0x06, 0,    0,    10,   0,    1,    6,
	203,  0,    113,  10,   0xc0, 0x00, 0x00, 0x50, 0,    0,    0,    1,    0,    0,    0,
	2,    0x50, 0x18, 0x02, 0x00, 0,    0,    0,    0,    'h',  'e',  'l',  'l',  'o',
};
/* A DNS query's datagram. */
static const uint8_t udp_frame[] = {
	0,  0, 0, 0,  0, 1, 0, 0,   0,  0,   0,  2,    0x08, 0x00, 0x45, 0, 0,  32, 0, 1,    0,    0,    64,
	17, 0, 0, 10, 0, 1, 6, 168, 63, 129, 16, 0xc0, 0x01, 0,    53,   0, 12, 0,  0, 0x11, 0x22, 0x01, 0x00,
};
/* A port unreachable from 203.0.113.10 about the datagram 192.23.1.2:1024 > 203.0.113.10:514. */
static const uint8_t icmp_frame[] = {
	0, 0, 0,   0,  0,    1,    0,   0,  0, 0, 0,   2, 0x08, 0x00, 0x45, 0, 0, 56, 0,    1, 0, 0,  64, 1,
	0, 0, 203, 0,  113,  10,   192, 23, 1, 2, 3,   3, 0,    0,    0,    0, 0, 0,  0x45, 0, 0, 28, 0,  9,
	0, 0, 63,  17, 0x7e, 0xa4, 192, 23, 1, 2, 203, 0, 113,  10,   4,    0, 2, 2,  0,    8, 0, 0,
};
static const uint8_t echo_frame[] = {
	0, 0,  0, 0, 0, 1,  0, 0, 0, 0,   0, 2,   0x08, 0x00, 0x45, 0, 0, 28, 0, 1, 0,
	0, 64, 1, 0, 0, 10, 0, 1, 6, 203, 0, 113, 10,   8,    0,    0, 0, 0,  7, 0, 1,
};

static void put_checksum(uint8_t *at, uint32_t sum)
{
	be16 check = checksum_finish(sum);
	memcpy(at, &check, sizeof check);
}

/* Makes the checksums of the outer packet right. */
static void mend(uint8_t *frame, size_t n)
{
	be32 src, dst;
	uint8_t proto = frame[IP_AT + 9];
	memcpy(&src, frame + IP_AT + 12, sizeof src);
	memcpy(&dst, frame + IP_AT + 16, sizeof dst);
	frame[IP_AT + 10] = frame[IP_AT + 11] = 0;
	put_checksum(frame + IP_AT + 10, checksum_add(0, frame + IP_AT, 20));
	size_t at = proto == PROTO_TCP ? L4_AT + 16 : proto == PROTO_UDP ? L4_AT + 6 : L4_AT + 2;
	uint32_t sum = proto == PROTO_ICMP ? 0 : checksum_pseudo(src, dst, proto, (uint32_t)(n - L4_AT));
	if (n < at + 2)
		return;
	frame[at] = frame[at + 1] = 0;
	put_checksum(frame + at, checksum_add(sum, frame + L4_AT, n - L4_AT));
}

/* The names of all fields in which the frames differ, in one line. */
static const char *differing(const uint8_t *a, size_t n_a, const uint8_t *b, size_t n_b, unsigned ignore)
{
	static char names[512];
	struct field fields_a[FRAME_MAX_FIELDS], fields_b[FRAME_MAX_FIELDS];
	size_t n = frame_fields(a, n_a, fields_a);
	ck_assert_uint_eq(frame_fields(b, n_b, fields_b), n);
	names[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct field_change change;
		ck_assert_str_eq(fields_a[i].name, fields_b[i].name);
		if (field_differs(&fields_a[i], &fields_b[i], ignore, &change)) {
			ck_assert_str_ne(change.before, change.after);
			strcat(strcat(names, names[0] ? "|" : ""), change.name);
		}
	}
	return names;
}

/* One byte is changed, and checksums follow. */
static const char *after_change(const uint8_t *frame, size_t n, size_t at, uint8_t value, unsigned ignore)
{
	uint8_t before[128], after[128];
	memcpy(before, frame, n);
	memcpy(after, frame, n);
	after[at] = value;
	mend(before, n);
	mend(after, n);
	return differing(before, n, after, n, ignore);
}

static const struct {
	size_t at;
	uint8_t value;
	const char *name;
} tcp_bytes[] = {
	{0, 1, "destination MAC"},
	{6, 1, "source MAC"},
	{15, 4, "TOS"},
	{18, 1, "IP id"},
	{20, 0, "fragment"},
	{22, 63, "TTL"},
	{26, 11, "source"},
	{33, 11, "destination"},
	{35, 1, "source port"},
	{37, 81, "destination port"},
	{41, 9, "sequence number"},
	{45, 9, "acknowledgment number"},
	{47, 0x10, "TCP flags"},
	{49, 1, "window"},
	{53, 1, "urgent pointer"},
	{54, 'j', "payload"},
};

START_TEST(a_field_by_its_name)
{
	ck_assert_str_eq(after_change(tcp_frame, sizeof tcp_frame, tcp_bytes[_i].at, tcp_bytes[_i].value, 0),
			 tcp_bytes[_i].name);
}
END_TEST

START_TEST(what_is_ignored)
{
	const struct {
		const uint8_t *frame;
		size_t n, at;
		unsigned by;
	} cases[] = {
		{tcp_frame, sizeof tcp_frame, 35, COMPARE_IGNORE_PORTS},
		{tcp_frame, sizeof tcp_frame, 37, COMPARE_IGNORE_PORTS},
		{tcp_frame, sizeof tcp_frame, 18, COMPARE_IGNORE_IDS},
		{tcp_frame, sizeof tcp_frame, 41, COMPARE_IGNORE_IDS},
		{tcp_frame, sizeof tcp_frame, 45, COMPARE_IGNORE_IDS},
		{udp_frame, sizeof udp_frame, 42, COMPARE_IGNORE_IDS},
		{udp_frame, sizeof udp_frame, 35, COMPARE_IGNORE_PORTS},
		{echo_frame, sizeof echo_frame, 39, COMPARE_IGNORE_PORTS},
		{icmp_frame, sizeof icmp_frame, 63, COMPARE_IGNORE_PORTS},
	};
	unsigned all = COMPARE_IGNORE_PORTS | COMPARE_IGNORE_IDS | COMPARE_IGNORE_TIME;
	for (size_t i = 0; i < N(cases); i++) {
		ck_assert_str_eq(after_change(cases[i].frame, cases[i].n, cases[i].at, 0xee, cases[i].by), "");
		ck_assert_str_ne(after_change(cases[i].frame, cases[i].n, cases[i].at, 0xee, all & ~cases[i].by), "");
	}
	ck_assert_str_eq(after_change(tcp_frame, sizeof tcp_frame, 26, 11, all),
			 "source"); /* an address is never passed over */
	ck_assert_str_eq(after_change(tcp_frame, sizeof tcp_frame, 54, 'j', all), "payload");
}
END_TEST

START_TEST(of_tls_the_length_alone_where_ids_are_ignored)
{
	uint8_t a[128], b[128];
	memcpy(a, tcp_frame, sizeof tcp_frame);
	a[36] = 1; /* port 443 */
	a[37] = 0xbb;
	memcpy(b, a, sizeof b);
	b[54] = 'j';
	mend(a, sizeof tcp_frame);
	mend(b, sizeof tcp_frame);
	ck_assert_str_eq(differing(a, sizeof tcp_frame, b, sizeof tcp_frame, COMPARE_IGNORE_IDS), "");
	ck_assert_str_eq(differing(a, sizeof tcp_frame, b, sizeof tcp_frame, 0), "payload");
}
END_TEST

START_TEST(a_wrong_checksum)
{
	uint8_t right[128], wrong[128];
	memcpy(right, tcp_frame, sizeof tcp_frame);
	mend(right, sizeof tcp_frame);
	memcpy(wrong, right, sizeof wrong);
	wrong[L4_AT + 16] ^= 1;
	ck_assert_str_eq(differing(right, sizeof tcp_frame, wrong, sizeof tcp_frame, 0), "TCP checksum");
	memcpy(wrong, right, sizeof wrong);
	wrong[IP_AT + 10] ^= 1;
	ck_assert_str_eq(differing(right, sizeof tcp_frame, wrong, sizeof tcp_frame, 0), "IP checksum");
}
END_TEST

START_TEST(the_packet_in_an_error)
{
	ck_assert_str_eq(after_change(icmp_frame, sizeof icmp_frame, 35, 4, 0), "ICMP code");
	ck_assert_str_eq(after_change(icmp_frame, sizeof icmp_frame, 57, 9, 0), "inner IP checksum|inner source");
	ck_assert_str_eq(after_change(icmp_frame, sizeof icmp_frame, 63, 9, 0), "inner source port");
	ck_assert_str_eq(after_change(icmp_frame, sizeof icmp_frame, 41, 9, 0), "next-hop MTU");
}
END_TEST

START_TEST(texts)
{
	struct field fields[FRAME_MAX_FIELDS];
	struct field_change change;
	size_t n = frame_fields(tcp_frame, sizeof tcp_frame, fields);
	for (size_t i = 0; i < n; i++) {
		struct field other = fields[i];
		if (strcmp(fields[i].name, "source") == 0) {
			other.number ^= 1u << 16;
			ck_assert(field_differs(&fields[i], &other, 0, &change) && change.decided);
			ck_assert_str_eq(change.before, "10.0.1.6:49152");
			ck_assert_str_eq(change.after, "10.0.1.7:49152");
		} else if (strcmp(fields[i].name, "TCP flags") == 0) {
			other.number = 0;
			ck_assert(field_differs(&fields[i], &other, 0, &change) && !change.decided);
			ck_assert_str_eq(change.before, "PSH, ACK");
			ck_assert_str_eq(change.after, "none");
		} else if (strcmp(fields[i].name, "payload") == 0) {
			other.bytes = (const uint8_t *)"hel\n";
			other.n_bytes = 4;
			ck_assert(field_differs(&fields[i], &other, 0, &change));
			ck_assert_str_eq(change.before, "5 bytes, from byte 3 \"lo\"");
			ck_assert_str_eq(change.after, "4 bytes, from byte 3 \"\\x0a\"");
			ck_assert(field_differs(&fields[i], NULL, 0, &change));
			ck_assert_str_eq(change.after, "none");
		}
	}
}
END_TEST

START_TEST(described)
{
	static const struct {
		const uint8_t *frame;
		size_t n;
		const char *text;
	} cases[] = {
		{tcp_frame, sizeof tcp_frame, "PSH, ACK with 5 bytes"},
		{udp_frame, sizeof udp_frame, "UDP with 4 bytes"},
		{icmp_frame, sizeof icmp_frame, "ICMP port unreachable"},
		{echo_frame, sizeof echo_frame, "ICMP echo"},
		{tcp_frame, 20, "no IP packet"},
	};
	for (size_t i = 0; i < N(cases); i++) {
		struct buf text = {0};
		frame_describe(&text, cases[i].frame, cases[i].n);
		ck_assert_str_eq(buf_text(&text), cases[i].text);
		buf_free(&text);
	}
}
END_TEST

START_TEST(what_a_nat_rewrites_is_not_in_the_signature)
{
	static const struct {
		size_t at;
		bool same;
	} bytes[] = {{0, true},  {18, true}, {22, true},  {26, true},  {33, true},
		     {35, true}, {41, true}, {47, false}, {17, false}, {23, false}};
	for (size_t i = 0; i < N(bytes); i++) {
		uint8_t changed[sizeof tcp_frame];
		memcpy(changed, tcp_frame, sizeof changed);
		changed[bytes[i].at] ^= 1;
		bool same = frame_signature(changed, sizeof changed) == frame_signature(tcp_frame, sizeof tcp_frame);
		ck_assert_msg(same == bytes[i].same, "byte %zu", bytes[i].at);
	}
}
END_TEST

/* Every length, and every byte with every bit of it the other way: no byte is read that is not there (the sanitizers
 * look). */
START_TEST(any_bytes)
{
	static const struct {
		const uint8_t *frame;
		size_t n;
	} frames[] = {{tcp_frame, sizeof tcp_frame},
		      {udp_frame, sizeof udp_frame},
		      {icmp_frame, sizeof icmp_frame},
		      {echo_frame, sizeof echo_frame}};
	for (size_t i = 0; i < N(frames); i++)
		for (size_t n = 0; n <= frames[i].n; n++)
			for (size_t bit = 0; bit < 8 * n; bit++) {
				struct field fields[FRAME_MAX_FIELDS];
				struct buf text = {0};
				uint8_t *bytes = malloc(n);
				memcpy(bytes, frames[i].frame, n);
				bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
				ck_assert_uint_le(frame_fields(bytes, n, fields), FRAME_MAX_FIELDS);
				(void)frame_signature(bytes, n);
				frame_describe(&text, bytes, n);
				buf_free(&text);
				free(bytes);
			}
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("compare/frame", &tcase);
	tcase_add_loop_test(tcase, a_field_by_its_name, 0, (int)N(tcp_bytes));
	tcase_add_test(tcase, what_is_ignored);
	tcase_add_test(tcase, of_tls_the_length_alone_where_ids_are_ignored);
	tcase_add_test(tcase, a_wrong_checksum);
	tcase_add_test(tcase, the_packet_in_an_error);
	tcase_add_test(tcase, texts);
	tcase_add_test(tcase, described);
	tcase_add_test(tcase, what_a_nat_rewrites_is_not_in_the_signature);
	tcase_add_test(tcase, any_bytes);
	return suite_run(suite);
}
