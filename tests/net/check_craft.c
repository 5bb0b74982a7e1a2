/* The templates, byte for byte as the RFCs lay a frame out: what libnet built is compared with octets written here by
 * hand. */
#include "net/craft.h"
#include "suite.h"
#include <string.h>

static struct craft craft;

static void setup(void)
{
	char errbuf[256] = "";
	ck_assert_msg(craft_init(&craft, errbuf) == 0, "%s", errbuf);
}

/* Ethernet without addresses, and IPv4 with its checksum (RFC 791 3.1): DF, 64 hops, no addresses. */
static void assert_frame(const struct craft_template *t, uint8_t proto, const uint8_t *l4, size_t l4_bytes)
{
	static const uint8_t ethernet[14] = {[12] = 0x08, [13] = 0x00};
	const uint8_t *at = t->header + PACKET_PAD_BYTES;
	ck_assert_uint_eq(t->header_bytes, 14 + 20 + l4_bytes);
	ck_assert_mem_eq(at, ethernet, sizeof ethernet);
	const uint8_t ip[20] = {0x45, 0, 0, (uint8_t)(20 + l4_bytes), 0, 0, 0x40, 0, 64, proto};
	at += 14;
	ck_assert_mem_eq(
		at, ip,
		10); /* of the checksum and the addresses, which every packet has of its own, the latter are zero */
	ck_assert_mem_eq(at + 12, ip + 12, 8);
	ck_assert_mem_eq(at + 20, l4, l4_bytes);
	size_t rest = sizeof t->header - PACKET_PAD_BYTES - t->header_bytes;
	static const uint8_t zeros[PACKET_HEADER_BYTES];
	ck_assert_mem_eq(at + 20 + l4_bytes, zeros, rest);
	ck_assert_mem_eq(t->header, zeros, PACKET_PAD_BYTES);
}

/* RFC 9293 3.1; options: MSS 1460 (3.7.1), window scale (RFC 7323 2.2), SACK permitted (RFC 2018 2). */
START_TEST(tcp_templates)
{
	uint8_t syn[32] = {[12] = 0x80, [13] = TCP_SYN,     [20] = 2, 4, 0x05, 0xb4, 1, 3,
			   3,           CRAFT_WINDOW_SCALE, 1,        1, 4,    2};
	syn[16] = craft.tcp_syn.header[PACKET_L4_AT + 16]; /* the checksum is each packet's */
	syn[17] = craft.tcp_syn.header[PACKET_L4_AT + 17];
	assert_frame(&craft.tcp_syn, PROTO_TCP, syn, sizeof syn);
	ck_assert_mem_eq(craft.tcp_syn.header + CRAFT_MSS_AT, "\x05\xb4", 2);
	uint8_t ack[20] = {[12] = 0x50, [13] = TCP_ACK};
	ack[16] = craft.tcp.header[PACKET_L4_AT + 16];
	ack[17] = craft.tcp.header[PACKET_L4_AT + 17];
	assert_frame(&craft.tcp, PROTO_TCP, ack, sizeof ack);
}
END_TEST

START_TEST(udp_and_icmp_templates)
{
	uint8_t udp[8] = {0, 0, 0, 0, 0, 8};
	memcpy(udp + 6, craft.udp.header + PACKET_L4_AT + 6, 2);
	assert_frame(&craft.udp, PROTO_UDP, udp, sizeof udp);
	uint8_t echo[8] = {8, 0};
	memcpy(echo + 2, craft.echo.header + PACKET_L4_AT + 2, 2);
	assert_frame(&craft.echo, PROTO_ICMP, echo, sizeof echo);
	uint8_t error[8] = {3, 0};
	memcpy(error + 2, craft.icmp_error.header + PACKET_L4_AT + 2, 2);
	assert_frame(&craft.icmp_error, PROTO_ICMP, error, sizeof error);
}
END_TEST

START_TEST(a_packet_starts_as_its_template)
{
	struct packet p, kept;
	memset(&p, 0x5a, sizeof p);
	kept = p;
	craft_start(&p, &craft.udp);
	ck_assert_mem_eq(p.header, craft.udp.header, sizeof p.header);
	ck_assert_uint_eq(packet_frame_bytes(&p), 42);
	ck_assert_ptr_null(p.payload);
	ck_assert_uint_eq(p.payload_offset, 0);
	ck_assert(p.id == kept.id && p.connection == kept.connection && p.serial == kept.serial &&
		  p.flags == kept.flags && p.flow == kept.flow && p.next == kept.next);
	packet_finish(&p);
	ck_assert(packet_checksums_valid(&p));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("net/craft", &tc);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, tcp_templates);
	tcase_add_test(tc, udp_and_icmp_templates);
	tcase_add_test(tc, a_packet_starts_as_its_template);
	return suite_run(suite);
}
