/* Fragments (RFC 791 3.2): cut for any link they fit it, cover the datagram once and in order, and put together they
 * are it again. */
#include "base/arena.h"
#include "net/craft.h"
#include "net/fragment.h"
#include "suite.h"
#include <string.h>

static struct arena *arena;
static struct packet datagram; /* 4000 bytes of UDP that may be cut */

static void setup(void)
{
	struct craft craft;
	char errbuf[256];
	ck_assert_int_eq(craft_init(&craft, errbuf), 0);
	arena = arena_new();
	datagram = (struct packet){0};
	craft_start(&datagram, &craft.udp);
	datagram.payload = payload_new(arena, "begin", 5, "pktpath fragment ", 17, 300, NULL, 0);
	datagram.payload_offset = 2;
	datagram.payload_bytes = 4000;
	packet_ip(&datagram)->flags_fragment = (be16){0};
	packet_ip(&datagram)->id = be16_from(4711);
	packet_ip(&datagram)->src = be32_from(0x0a000105);
	packet_ip(&datagram)->dst = be32_from(0xcb007109);
	packet_finish(&datagram);
}

static void teardown(void)
{
	arena_free(arena);
}

START_TEST(what_is_due)
{
	ck_assert(fragment_is_due(&datagram, 4027));
	ck_assert(!fragment_is_due(&datagram, 4028)); /* 20 + 8 + 4000 */
	packet_ip(&datagram)->flags_fragment = be16_from(IPV4_DF);
	ck_assert(!fragment_is_due(&datagram, 1500));
}
END_TEST

START_TEST(a_whole_datagram_is_a_piece_too)
{
	struct fragment_span span = fragment_span(&datagram);
	ck_assert_uint_eq(span.first_byte, 0);
	ck_assert_uint_eq(span.n_bytes, 4008);
	ck_assert(span.last);
}
END_TEST

/* Cuts until nothing is too long; the IP payload of the pieces, put in their places, is the datagram's. */
static size_t cut_all(struct packet *pieces, size_t most, uint32_t mtu, uint8_t *whole)
{
	size_t n = 1;
	pieces[0] = datagram;
	while (fragment_is_due(&pieces[n - 1], mtu)) {
		ck_assert_uint_lt(n, most);
		memset(&pieces[n], 0x77, sizeof pieces[n]);
		fragment_cut(&pieces[n - 1], mtu, &pieces[n]);
		n++;
	}
	uint32_t done = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t frame[5000];
		struct fragment_span span = fragment_span(&pieces[i]);
		ck_assert_uint_eq(span.first_byte, done);
		ck_assert_uint_eq(span.last, i == n - 1);
		ck_assert_uint_le(20 + span.n_bytes, mtu);
		ck_assert(span.last || span.n_bytes % 8 == 0);
		ck_assert(packet_checksums_valid(&pieces[i]));
		ck_assert_uint_eq(be16_to(packet_ip(&pieces[i])->total_bytes), 20 + span.n_bytes);
		ck_assert_uint_eq(be16_to(packet_ip(&pieces[i])->id), 4711);
		packet_copy(&pieces[i], frame);
		memcpy(whole + done, frame + 34, span.n_bytes);
		done += span.n_bytes;
	}
	ck_assert_uint_eq(done, 4008);
	return n;
}

START_TEST(pieces_fit_and_cover)
{
	static struct packet pieces[200];
	static uint8_t whole[5000], frame[5000];
	packet_copy(&datagram, frame);
	for (uint32_t mtu = 68; mtu < 4100; mtu += mtu < 100 ? 1 : 37) {
		size_t n = cut_all(pieces, N(pieces), mtu, whole);
		/* As few as can be: the last may fill its link, the others as far as units of 8 bytes do. */
		uint32_t most = mtu - 20, each = most / 8 * 8;
		ck_assert_uint_eq(n, most >= 4008 ? 1 : 1 + (4008 - most + each - 1) / each);
		ck_assert_mem_eq(whole, frame + 34, 4008); /* L4 header with its checksum, then all of the payload */
	}
}
END_TEST

/* A piece that meets a smaller link further on is cut again. */
START_TEST(a_piece_is_cut_again)
{
	struct packet first = datagram, rest, middle;
	fragment_cut(&first, 2000, &rest); /* 1976 and 2032 */
	ck_assert_uint_eq(fragment_span(&first).n_bytes, 1976);
	ck_assert(!fragment_span(&first).last && fragment_span(&rest).last);
	fragment_cut(&first, 1000, &middle);
	ck_assert_uint_eq(fragment_span(&first).n_bytes, 976);
	ck_assert_uint_eq(fragment_span(&middle).first_byte, 976);
	ck_assert_uint_eq(fragment_span(&middle).n_bytes, 1000);
	ck_assert(!fragment_span(&middle).last); /* of a piece that had more behind it none is the last */
	ck_assert_uint_eq(fragment_span(&rest).first_byte, 1976);
}
END_TEST

START_TEST(joined_it_is_as_it_was)
{
	static struct packet pieces[200];
	static uint8_t whole[5000], frame[5000], again[5000];
	packet_copy(&datagram, frame);
	(void)cut_all(pieces, N(pieces), 576, whole);
	fragment_join(&pieces[0], 4008);
	ck_assert(!packet_is_fragment(&pieces[0]));
	ck_assert(packet_checksums_valid(&pieces[0]));
	ck_assert_uint_eq(packet_frame_bytes(&pieces[0]), packet_frame_bytes(&datagram));
	packet_copy(&pieces[0], again);
	ck_assert_mem_eq(again, frame, packet_frame_bytes(&datagram));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("net/fragment", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_is_due);
	tcase_add_test(tc, a_whole_datagram_is_a_piece_too);
	tcase_add_test(tc, pieces_fit_and_cover);
	tcase_add_test(tc, a_piece_is_cut_again);
	tcase_add_test(tc, joined_it_is_as_it_was);
	return suite_run(suite);
}
