/* Fragments: what is cut is put together again, in any order, twice cut, with pieces that come twice; what lacks a
 * piece is not. */
#include "base/arena.h"
#include "base/random.h"
#include "host/dialogue.h"
#include "host/reassembly.h"
#include "host/udp.h"
#include "net/checksum.h"
#include "net/fragment.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

#define MAX_PIECES 2048u

static struct arena *arena;
static struct craft craft;
static struct reassembly *reassembly;
static struct packet pieces[MAX_PIECES];

static void setup(void)
{
	char errbuf[256];

	arena = arena_new();
	ck_assert_int_eq(craft_init(&craft, errbuf), 0);
	ck_assert_int_eq(reassembly_new(&reassembly), 0);
}

static void teardown(void)
{
	reassembly = reassembly_free(reassembly);
	arena_free(arena);
}

static struct packet datagram_of(uint32_t payload_bytes, uint16_t ip_id)
{
	struct tuple tuple = {be32_from(0x0a000104), be32_from(0x0a000204), be16_from(50000), be16_from(53), PROTO_UDP};
	struct packet p;
	memset(&p, 0, sizeof p);
	udp_make(&craft, &p, &tuple, 64, ip_id, text_payload(arena, "f", "request", payload_bytes));
	return p;
}

static size_t cut(struct packet p, uint32_t mtu_bytes, struct packet *ret)
{
	size_t n = 0;
	while (fragment_is_due(&p, mtu_bytes)) {
		struct packet rest;
		memset(&rest, 0xa5, sizeof rest);
		fragment_cut(&p, mtu_bytes, &rest);
		ret[n++] = p;
		p = rest;
	}
	ret[n++] = p;
	return n;
}

static const struct packet *add(uint32_t machine, const struct packet *p, int64_t at_ns)
{
	const struct packet *whole;
	ck_assert_int_eq(reassembly_add(reassembly, machine, p, (struct instant){at_ns}, &whole), 0);
	return whole;
}

static void assert_same_bytes(const struct packet *a, const struct packet *b)
{
	uint32_t size = packet_frame_bytes(a);
	uint8_t *first = malloc(size), *second = malloc(size);
	ck_assert_uint_eq(size, packet_frame_bytes(b));
	packet_copy(a, first);
	packet_copy(b, second);
	ck_assert_mem_eq(first, second, size);
	free(first);
	free(second);
}

START_TEST(test_pieces)
{
	static const uint32_t mtus[] = {68, 576, 1400, 1499, 1500};
	for (size_t m = 0; m < sizeof mtus / sizeof *mtus; m++) {
		struct packet datagram = datagram_of(4000, 7);
		size_t n = cut(datagram, mtus[m], pieces);
		uint8_t bytes[4096], whole[4096];
		uint32_t at = 0;
		packet_copy(&datagram, whole);
		for (size_t i = 0; i < n; i++) {
			const struct ipv4_header *ip = packet_ip_const(&pieces[i]);
			struct fragment_span span = fragment_span(&pieces[i]);
			ck_assert_uint_le(be16_to(ip->total_bytes), mtus[m]);
			ck_assert_uint_eq(checksum_fold(checksum_add(0, ip, sizeof *ip)), 0xffff);
			ck_assert_uint_eq(span.first_byte, at);
			ck_assert(span.last == (i == n - 1));
			ck_assert(span.last || span.n_bytes % 8 == 0);
			ck_assert_uint_eq(be16_to(ip->id), 7);
			packet_copy(&pieces[i], bytes);
			ck_assert_mem_eq(bytes + 34, whole + 34 + at, span.n_bytes);
			at += span.n_bytes;
		}
		ck_assert_uint_eq(at, 4008);
		ck_assert_uint_eq(n, (4008 + ((mtus[m] - 20) & ~7u) - 1) / ((mtus[m] - 20) & ~7u));
	}
}
END_TEST

START_TEST(test_not_due)
{
	struct packet small = datagram_of(1472, 1), large = datagram_of(1473, 1);
	ck_assert(!fragment_is_due(&small, 1400)); /* DF */
	ck_assert(fragment_is_due(&large, 1500));
	ck_assert(!fragment_is_due(&large, 1501));
}
END_TEST

START_TEST(test_any_order)
{
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct packet datagram = datagram_of(1473 + random_below(random_join(seed, 1), 60000), (uint16_t)seed),
			      expected = datagram;
		size_t n = cut(datagram, 1500, pieces);
		for (size_t i = 0; i < n; i++) { /* some are cut again on the way */
			if (random_below(random_join(seed, 100 + i), 3) == 0 && fragment_is_due(&pieces[i], 1400)) {
				fragment_cut(&pieces[i], 1400, &pieces[n]);
				n++;
			}
		}
		for (size_t i = n; i > 1; i--) {
			size_t k = random_below(random_join(seed, 1000 + i), (uint32_t)i);
			struct packet swap = pieces[i - 1];
			pieces[i - 1] = pieces[k];
			pieces[k] = swap;
		}
		for (size_t i = 0; i + 1 < n; i++) {
			ck_assert_ptr_null(add(3, &pieces[i], (int64_t)i));
			ck_assert_ptr_null(add(3, &pieces[i], (int64_t)i)); /* twice */
			ck_assert_ptr_null(add(4, &pieces[i], (int64_t)i)); /* another machine's */
		}
		const struct packet *whole = add(3, &pieces[n - 1], (int64_t)n);
		ck_assert_ptr_nonnull(whole);
		ck_assert(packet_checksums_valid(whole));
		assert_same_bytes(whole, &expected);
		ck_assert_ptr_nonnull(add(4, &pieces[n - 1], (int64_t)n));
	}
}
END_TEST

START_TEST(test_too_late)
{
	size_t n = cut(datagram_of(2000, 9), 1500, pieces);
	ck_assert_uint_eq(n, 2);
	ck_assert_ptr_null(add(1, &pieces[0], 0));
	ck_assert_ptr_null(add(1, &pieces[1], REASSEMBLY_TIMEOUT_NS)); /* the first is forgotten */
	ck_assert_ptr_nonnull(add(1, &pieces[0], REASSEMBLY_TIMEOUT_NS + 1));
}
END_TEST

START_TEST(test_bounded)
{
	for (uint32_t i = 0; i <= REASSEMBLY_MAX_DATAGRAMS; i++) { /* one more than there is room for */
		cut(datagram_of(2000, (uint16_t)i), 1500, pieces);
		ck_assert_ptr_null(add(1, &pieces[0], 0));
	}
	cut(datagram_of(2000, 0), 1500, pieces);
	ck_assert_ptr_null(add(1, &pieces[1], 1)); /* the oldest was given up, and now the next oldest for this one */
	cut(datagram_of(2000, 2), 1500, pieces);
	ck_assert_ptr_nonnull(add(1, &pieces[1], 1));
}
END_TEST

START_TEST(test_others_apart)
{
	struct packet a[2], b[2];
	cut(datagram_of(2000, 9), 1500, a);
	cut(datagram_of(2000, 9), 1500, b);
	for (size_t i = 0; i < 2; i++) { /* the same id to someone else */
		packet_rewrite_dst(&b[i], be32_from(0x0a000205), be16_from(53));
		ck_assert_uint_eq(checksum_fold(checksum_add(0, packet_ip_const(&b[i]), 20)), 0xffff);
	}
	ck_assert_ptr_null(add(1, &a[0], 0));
	ck_assert_ptr_null(add(1, &b[1], 0));
	ck_assert_ptr_nonnull(add(1, &a[1], 0));
	const struct packet *whole = add(1, &b[0], 0);
	ck_assert_ptr_nonnull(whole);
	ck_assert(packet_checksums_valid(whole)); /* the first piece's checksum was mended for all of it */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("host/reassembly");
	TCase *tcase = tcase_create("fragments");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_pieces);
	tcase_add_test(tcase, test_not_due);
	tcase_add_test(tcase, test_any_order);
	tcase_add_test(tcase, test_too_late);
	tcase_add_test(tcase, test_bounded);
	tcase_add_test(tcase, test_others_apart);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
