/* The Internet checksum: RFC 1071's own example, and mending one (RFC 1624) against summing again, at the edges where
 * the two forms of zero meet. */
#include "base/random.h"
#include "net/checksum.h"
#include "suite.h"
#include <string.h>

/* Byte by byte, in the plainest way. */
static uint16_t slow_sum(const uint8_t *bytes, size_t n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? bytes[i] : (uint64_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

START_TEST(the_example_of_rfc_1071)
{
	static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	ck_assert_uint_eq(checksum_fold(checksum_add(0, bytes, sizeof bytes)), 0xddf2);
	ck_assert_uint_eq(be16_to(checksum_finish(checksum_add(0, bytes, sizeof bytes))), 0x220d);
}
END_TEST

/* An IPv4 header as it is shown in many places: its checksum is b861; with it in place the sum is ffff. */
START_TEST(a_header_with_its_checksum_sums_to_ones)
{
	uint8_t header[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
			    0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
	ck_assert_uint_eq(be16_to(checksum_finish(checksum_add(0, header, sizeof header))), 0xb861);
	header[10] = 0xb8;
	header[11] = 0x61;
	ck_assert_uint_eq(checksum_fold(checksum_add(0, header, sizeof header)), 0xffff);
}
END_TEST

START_TEST(any_length_at_any_address_in_any_pieces)
{
	static uint8_t bytes[4096];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)random_mix(i);
	for (size_t n = 0; n < 300; n++)
		for (size_t from = 0; from < 3; from++)
			ck_assert_uint_eq(checksum_fold(checksum_add(0, bytes + from, n)), slow_sum(bytes + from, n));
	for (size_t cut = 0; cut < sizeof bytes;
	     cut += 2) /* pieces of an even length may be added one after the other */
		ck_assert_uint_eq(
			checksum_fold(checksum_add(checksum_add(0, bytes, cut), bytes + cut, sizeof bytes - cut)),
			slow_sum(bytes, sizeof bytes));
}
END_TEST

START_TEST(carries_are_not_lost)
{
	static uint8_t ones[1 << 20];
	memset(ones, 0xff, sizeof ones);
	ck_assert_uint_eq(checksum_fold(checksum_add(0, ones, sizeof ones)), 0xffff);
	ck_assert_uint_eq(checksum_fold(checksum_add(UINT32_MAX, ones, sizeof ones)), 0xffff);
	ck_assert_uint_eq(checksum_fold(checksum_add(UINT32_MAX, "\x00\x01", 2)), 1);
	ck_assert_uint_eq(checksum_fold(0), 0);
	ck_assert_uint_eq(checksum_fold(0x1fffe), 0xffff);
	ck_assert_uint_eq(checksum_fold(UINT32_MAX), 0xffff);
	ck_assert_uint_eq(checksum_fold(0xffff0001), 1);
}
END_TEST

START_TEST(the_pseudo_header_is_that_of_rfc_9293)
{
	static const uint8_t pseudo[] = {192, 168, 0, 1, 203, 0, 113, 200, 0, 6, 0x05, 0xdc};
	be32 src = be32_from(0xc0a80001), dst = be32_from(0xcb0071c8);
	ck_assert_uint_eq(checksum_fold(checksum_pseudo(src, dst, 6, 1500)), slow_sum(pseudo, sizeof pseudo));
	/* 64 kB and more, as lengths are added before anything is folded. */
	ck_assert_uint_eq(checksum_fold(checksum_pseudo(ADDR_NONE, ADDR_NONE, 0, 65535)), 65535);
}
END_TEST

/* Section 4 of RFC 1624: equation 2 of RFC 1141 would give ffff where the checksum is 0000. */
START_TEST(the_example_of_rfc_1624)
{
	ck_assert_uint_eq(be16_to(checksum_replace16(be16_from(0xdd2f), be16_from(0x5555), be16_from(0x3285))), 0x0000);
}
END_TEST

static const uint16_t edges[] = {0x0000, 0x0001, 0x7fff, 0x8000, 0xfffe, 0xffff};

/* Every checksum with words at the edges. A header of a word besides the one that changes; it is not all zero, as no IP
 * header is. */
START_TEST(mending_a_word_is_summing_anew)
{
	for (uint32_t other = 1; other <= 0xffff; other++)
		for (size_t i = 0; i < N(edges); i++)
			for (size_t k = 0; k < N(edges); k++) {
				be16 before = checksum_finish(other + edges[i]),
				     after = checksum_finish(other + edges[k]);
				be16 mended = checksum_replace16(before, be16_from(edges[i]), be16_from(edges[k]));
				if (mended.raw != after.raw)
					ck_abort_msg("%04x: %04x to %04x gives %04x, not %04x", other, edges[i],
						     edges[k], be16_to(mended), be16_to(after));
			}
}
END_TEST

START_TEST(mending_an_address_is_summing_anew)
{
	for (uint64_t i = 0; i < 300000; i++) {
		uint64_t r = random_mix(i);
		uint32_t from = (uint32_t)(r >> 32), to = (uint32_t)r, other = 1 + random_below(random_mix(~i), 0xffff);
		if (i % 3 == 0) { /* halves at the edges */
			from = (uint32_t)edges[i / 3 % N(edges)] << 16 | edges[i / 18 % N(edges)];
			to = (uint32_t)edges[i / 108 % N(edges)] << 16 | edges[i / 648 % N(edges)];
		}
		be16 before = checksum_finish(other + (from >> 16) + (from & 0xffff)),
		     after = checksum_finish(other + (to >> 16) + (to & 0xffff));
		be16 mended = checksum_replace32(before, be32_from(from), be32_from(to));
		if (mended.raw != after.raw)
			ck_abort_msg("%04x: %08x to %08x gives %04x, not %04x", other, from, to, be16_to(mended),
				     be16_to(after));
		ck_assert(checksum_replace32(mended, be32_from(to), be32_from(from)).raw == before.raw);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("net/checksum", &tc);
	tcase_add_test(tc, the_example_of_rfc_1071);
	tcase_add_test(tc, a_header_with_its_checksum_sums_to_ones);
	tcase_add_test(tc, any_length_at_any_address_in_any_pieces);
	tcase_add_test(tc, carries_are_not_lost);
	tcase_add_test(tc, the_pseudo_header_is_that_of_rfc_9293);
	tcase_add_test(tc, the_example_of_rfc_1624);
	tcase_add_test(tc, mending_a_word_is_summing_anew);
	tcase_add_test(tc, mending_an_address_is_summing_anew);
	return suite_run(suite);
}
