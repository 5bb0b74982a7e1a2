/* Packets: what the bytes on the wire are, source and destination, and that rewriting in place leaves the checksums that
 * summing again would give. */
#include "base/arena.h"
#include "base/random.h"
#include "net/checksum.h"
#include "net/craft.h"
#include "suite.h"
#include <string.h>

static struct arena *arena;
static struct craft craft;

static void setup(void)
{
	char errbuf[256];
	ck_assert_int_eq(craft_init(&craft, errbuf), 0);
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static struct packet make(const struct craft_template *t, uint64_t seed, uint32_t payload_bytes)
{
	static uint8_t bytes[1600];
	struct packet p = {0};
	for (size_t i = 0; i < payload_bytes; i++)
		bytes[i] = (uint8_t)random_mix(seed + i);
	craft_start(&p, t);
	packet_ip(&p)->src = be32_from((uint32_t)random_mix(seed));
	packet_ip(&p)->dst = be32_from((uint32_t)(random_mix(seed) >> 32));
	struct udp_header *ports = packet_l4(&p);
	if (packet_ip(&p)->proto != PROTO_ICMP) {
		ports->src_port = be16_from((uint16_t)random_mix(seed + 1));
		ports->dst_port = be16_from((uint16_t)random_mix(seed + 2));
	} else {
		((struct icmp_header *)packet_l4(&p))->id = be16_from((uint16_t)random_mix(seed + 1));
	}
	if (payload_bytes) {
		p.payload = payload_new(arena, bytes, payload_bytes, NULL, 0, 0, NULL, 0);
		p.payload_bytes = payload_bytes;
	}
	packet_finish(&p);
	return p;
}

static be16 check_of(struct packet *p)
{
	void *l4 = packet_l4(p);
	switch (packet_ip(p)->proto) {
	case PROTO_TCP:
		return ((struct tcp_header *)l4)->check;
	case PROTO_UDP:
		return ((struct udp_header *)l4)->check;
	default:
		return ((struct icmp_header *)l4)->check;
	}
}

START_TEST(the_frame_is_headers_then_payload)
{
	struct packet p = make(&craft.udp, 1, 0);
	p.payload = payload_new(arena, "0123456789", 10, NULL, 0, 0, NULL, 0);
	p.payload_offset = 3;
	p.payload_bytes = 4;
	packet_finish(&p);
	uint8_t frame[64];
	ck_assert_uint_eq(packet_frame_bytes(&p), 14 + 20 + 8 + 4);
	packet_copy(&p, frame);
	ck_assert_mem_eq(frame + 42, "3456", 4);
	ck_assert_uint_eq(frame[14 + 3], 20 + 8 + 4); /* total length of IP */
	ck_assert_uint_eq(frame[34 + 5], 8 + 4);      /* of UDP */
	/* As the one that receives it sums it. */
	uint32_t sum = checksum_pseudo(packet_ip(&p)->src, packet_ip(&p)->dst, PROTO_UDP, 12);
	ck_assert_uint_eq(checksum_fold(checksum_add(sum, frame + 34, 12)), 0xffff);
	ck_assert_uint_eq(checksum_fold(checksum_add(0, frame + 14, 20)), 0xffff);
}
END_TEST

START_TEST(tuples)
{
	struct packet p = make(&craft.tcp, 5, 10);
	const struct tcp_header *tcp = packet_l4(&p);
	struct tuple expected = {packet_ip(&p)->src, packet_ip(&p)->dst, tcp->src_port, tcp->dst_port, PROTO_TCP},
		     t = packet_tuple(&p);
	ck_assert(tuple_equal(&t, &expected));
	packet_ip(&p)->flags_fragment = be16_from(IPV4_MF); /* the first fragment has ports */
	t = packet_tuple(&p);
	ck_assert(tuple_equal(&t, &expected) && packet_is_fragment(&p));
	packet_ip(&p)->flags_fragment = be16_from(1); /* later ones do not */
	expected.src_port = expected.dst_port = (be16){0};
	t = packet_tuple(&p);
	ck_assert(tuple_equal(&t, &expected) && packet_is_fragment(&p));
	p = make(&craft.echo, 6, 0);
	t = packet_tuple(&p);
	ck_assert(t.src_port.raw == ((struct icmp_header *)packet_l4(&p))->id.raw && t.dst_port.raw == t.src_port.raw &&
		  t.proto == PROTO_ICMP);
	ck_assert(!packet_is_fragment(&p));
	p = make(&craft.icmp_error, 7, 0);
	((struct icmp_header *)packet_l4(&p))->id = be16_from(77);
	t = packet_tuple(&p);
	ck_assert_uint_eq(t.src_port.raw, 0);
	p = make(&craft.udp, 8, 0);
	packet_ip(&p)->proto = 47;
	t = packet_tuple(&p);
	ck_assert(t.src_port.raw == 0 && t.dst_port.raw == 0 && t.proto == 47);
}
END_TEST

/* Each bit of a packet is under a checksum; of fragments the header alone. */
START_TEST(a_flipped_bit_is_seen)
{
	const struct craft_template *const templates[] = {&craft.tcp_syn, &craft.tcp, &craft.udp, &craft.echo,
							  &craft.icmp_error};
	for (size_t i = 0; i < N(templates); i++) {
		struct packet p = make(templates[i], 100 + i, 3);
		ck_assert(packet_checksums_valid(&p));
		for (size_t bit = (size_t)PACKET_IP_AT * 8; bit < ((size_t)p.header_bytes + PACKET_PAD_BYTES) * 8;
		     bit++) {
			p.header[bit / 8] ^= (uint8_t)(1u << bit % 8);
			ck_assert_msg(!packet_checksums_valid(&p), "template %zu, bit %zu", i, bit);
			p.header[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		p.payload = payload_new(arena, "abd", 3, NULL, 0, 0, NULL, 0);
		ck_assert(!packet_checksums_valid(&p));
	}
	struct packet udp = make(&craft.udp, 9, 3);
	((struct udp_header *)packet_l4(&udp))->check = (be16){0}; /* none was computed (RFC 768) */
	ck_assert(packet_checksums_valid(&udp));
	struct packet fragment = make(&craft.tcp, 10, 3);
	packet_ip(&fragment)->flags_fragment = be16_from(IPV4_MF);
	packet_finish(&fragment);
	fragment.header[PACKET_L4_AT] ^= 1;
	ck_assert(packet_checksums_valid(&fragment));
	fragment.header[PACKET_IP_AT + 8] ^= 1;
	ck_assert(!packet_checksums_valid(&fragment));
}
END_TEST

/* Another payload of any length, even or odd, and other numbers; what was damaged stays so. */
START_TEST(another_payload_is_making_anew)
{
	static const char text[] = "PORT 203,0,113,100,200,100\r\n";
	for (uint32_t n = 1; n < sizeof text; n++)
		for (uint32_t before = 1; before < 40; before++) {
			struct packet p = make(&craft.tcp, n, before);
			packet_replace_payload(&p, payload_new(arena, text, n, NULL, 0, 0, NULL, 0));
			packet_rewrite_sequence(&p, 0xfffffff0u + n, before * 0x01234567u);
			ck_assert_uint_eq(p.payload_bytes, n);
			ck_assert(packet_checksums_valid(&p));
			struct packet again = p;
			packet_finish(&again);
			ck_assert_uint_eq(check_of(&p).raw, check_of(&again).raw);
			ck_assert_uint_eq(packet_ip(&p)->check.raw, packet_ip(&again)->check.raw);
			ck_assert_uint_eq(be16_to(packet_ip(&p)->total_bytes), 40 + n);
		}
	struct packet damaged = make(&craft.tcp, 3, 9);
	((struct tcp_header *)packet_l4(&damaged))->check.raw ^= 1;
	packet_replace_payload(&damaged, payload_new(arena, text, 20, NULL, 0, 0, NULL, 0));
	packet_rewrite_sequence(&damaged, 1, 2);
	ck_assert(!packet_checksums_valid(&damaged));
}
END_TEST

/* Source and destination, ports that stay and that change, addresses with words at the edges of one's complement
 * arithmetic. */
START_TEST(rewriting_is_making_anew)
{
	const struct craft_template *const templates[] = {&craft.tcp, &craft.udp, &craft.echo, &craft.tcp_syn};
	static const uint32_t addresses[] = {0, UINT32_MAX, 0xffff0000, 0x0000ffff, 0x0a000106, 0xcb00710a};
	static const uint16_t ports[] = {0, 1, 0xfffe, 0xffff, 443};
	for (uint64_t i = 0; i < 4000; i++) {
		struct packet p = make(templates[i % N(templates)], i * 31, (uint32_t)(i % 7));
		be32 addr = be32_from(addresses[random_below(random_mix(i), N(addresses))]);
		be16 port = be16_from(ports[random_below(random_mix(i + 1), N(ports))]);
		struct tuple before = packet_tuple(&p), expected = before;
		if (i / 4 % 2) {
			packet_rewrite_src(&p, addr, port);
			expected.src = addr;
			expected.src_port = port;
		} else {
			packet_rewrite_dst(&p, addr, port);
			expected.dst = addr;
			expected.dst_port = port;
		}
		if (before.proto == PROTO_ICMP) /* an identifier is both ends' */
			expected.src_port = expected.dst_port = port;
		struct tuple after = packet_tuple(&p);
		ck_assert(tuple_equal(&after, &expected));
		ck_assert(packet_checksums_valid(&p));
		struct packet again = p;
		packet_finish(&again);
		ck_assert_uint_eq(check_of(&p).raw, check_of(&again).raw);
		ck_assert_uint_eq(packet_ip(&p)->check.raw, packet_ip(&again)->check.raw);
	}
}
END_TEST

/* RFC 768: zero says that there is none, so a sum of zero is sent as ffff; and RFC 3022 4.1: where there is none, none
 * is made. */
START_TEST(the_two_zeros_of_udp)
{
	struct packet p = make(&craft.udp, 77, 0);
	((struct udp_header *)packet_l4(&p))->check = (be16){0};
	packet_rewrite_src(&p, be32_from(1), be16_from(2));
	packet_rewrite_dst(&p, be32_from(3), be16_from(4));
	ck_assert_uint_eq(((struct udp_header *)packet_l4(&p))->check.raw, 0);

	/* The port that makes the rest sum to zero: its own value is what the checksum was while the port was 0. */
	p = make(&craft.udp, 78, 5);
	packet_rewrite_src(&p, packet_ip(&p)->src, be16_from(0));
	be16 port = ((struct udp_header *)packet_l4(&p))->check;
	packet_rewrite_src(&p, packet_ip(&p)->src, port);
	ck_assert_uint_eq(((struct udp_header *)packet_l4(&p))->check.raw, 0xffff);
	ck_assert(packet_checksums_valid(&p));
	packet_finish(&p);
	ck_assert_uint_eq(((struct udp_header *)packet_l4(&p))->check.raw, 0xffff);
	/* And from there on to another. */
	packet_rewrite_dst(&p, be32_from(0x0a000001), be16_from(53));
	ck_assert(packet_checksums_valid(&p));
	ck_assert_uint_ne(((struct udp_header *)packet_l4(&p))->check.raw, 0);
}
END_TEST

START_TEST(what_has_no_ports_keeps_its_bytes)
{
	struct packet p = make(&craft.udp, 12, 20), later;
	packet_ip(&p)->flags_fragment = be16_from(3);
	packet_finish(&p);
	later = p;
	packet_rewrite_src(&later, be32_from(0x01020304), be16_from(5));
	ck_assert_mem_eq(later.header + PACKET_L4_AT, p.header + PACKET_L4_AT, 8);
	ck_assert_uint_eq(be32_to(packet_ip(&later)->src), 0x01020304);
	ck_assert(packet_checksums_valid(&later));
	p = make(&craft.icmp_error, 13, 0);
	struct packet error = p;
	packet_rewrite_dst(&error, be32_from(0x01020304), be16_from(5));
	ck_assert_mem_eq(error.header + PACKET_L4_AT, p.header + PACKET_L4_AT, 8);
	ck_assert(packet_checksums_valid(&error));
}
END_TEST

/* ---- the packet inside an ICMP error ---- */

static struct packet error_about(const struct packet *about)
{
	struct packet p = {0};
	craft_start(&p, &craft.icmp_error);
	memcpy(p.header + PACKET_INNER_IP_AT, about->header + PACKET_IP_AT, 28);
	p.header_bytes = (uint16_t)(PACKET_INNER_L4_AT + 8 - PACKET_PAD_BYTES);
	packet_finish(&p);
	return p;
}

/* RFC 5508 REQ-4, 5: inner addresses, ports and checksums are as if the inner packet itself had been rewritten, but for
 * TCP's checksum, which is not among the eight bytes. */
START_TEST(inner_packets_are_rewritten_as_they_were_themselves)
{
	const struct craft_template *const templates[] = {&craft.tcp, &craft.udp, &craft.echo};
	for (uint64_t i = 0; i < 300; i++) {
		struct packet about = make(templates[i % N(templates)], i * 7, 9), error = error_about(&about);
		be32 addr = be32_from((uint32_t)random_mix(i + 9));
		be16 port = be16_from((uint16_t)random_mix(i + 10));
		if (i / 3 % 2) {
			packet_rewrite_inner_src(&error, addr, port);
			packet_rewrite_src(&about, addr, port);
		} else {
			packet_rewrite_inner_dst(&error, addr, port);
			packet_rewrite_dst(&about, addr, port);
		}
		ck_assert_mem_eq(error.header + PACKET_INNER_IP_AT, about.header + PACKET_IP_AT, 28);
		ck_assert(packet_checksums_valid(&error));
	}
}
END_TEST

START_TEST(an_inner_datagram_without_a_checksum_gets_none)
{
	struct packet about = make(&craft.udp, 3, 9);
	((struct udp_header *)packet_l4(&about))->check = (be16){0};
	struct packet error = error_about(&about);
	packet_rewrite_inner_src(&error, be32_from(5), be16_from(6));
	ck_assert_uint_eq(((struct udp_header *)(void *)(error.header + PACKET_INNER_L4_AT))->check.raw, 0);
	ck_assert(packet_checksums_valid(&error));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("net/packet", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_frame_is_headers_then_payload);
	tcase_add_test(tc, tuples);
	tcase_add_test(tc, a_flipped_bit_is_seen);
	tcase_add_test(tc, another_payload_is_making_anew);
	tcase_add_test(tc, rewriting_is_making_anew);
	tcase_add_test(tc, the_two_zeros_of_udp);
	tcase_add_test(tc, what_has_no_ports_keeps_its_bytes);
	tcase_add_test(tc, inner_packets_are_rewritten_as_they_were_themselves);
	tcase_add_test(tc, an_inner_datagram_without_a_checksum_gets_none);
	return suite_run(suite);
}
