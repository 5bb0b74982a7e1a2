/* DOC: offsets count units of 8 bytes, so every piece but the last has a multiple of 8 bytes behind its IP header. */
#include "net/fragment.h"
#include "net/checksum.h"
#include <string.h>

#define IP_HEADER_BYTES 20u
#define FRAME_TO_L4_BYTES 34u /* Ethernet and IP */

static uint16_t offset_and_flags(const struct packet *p)
{
	return be16_to(packet_ip_const(p)->flags_fragment);
}

static uint32_t ip_payload_bytes(const struct packet *p)
{
	return packet_frame_bytes(p) - FRAME_TO_L4_BYTES;
}

/* The L4 checksum is the datagram's, not the piece's: it stays. */
static void finish_ip(struct packet *p, uint32_t offset_bytes, bool more)
{
	struct ipv4_header *ip = packet_ip(p);
	ip->flags_fragment = be16_from((uint16_t)(offset_bytes / 8 | (more ? IPV4_MF : 0)));
	ip->total_bytes = be16_from((uint16_t)(IP_HEADER_BYTES + ip_payload_bytes(p)));
	ip->check = (be16){0};
	ip->check = checksum_finish(checksum_add(0, ip, sizeof *ip));
}

bool fragment_is_due(const struct packet *p, uint32_t mtu_bytes)
{
	return IP_HEADER_BYTES + ip_payload_bytes(p) > mtu_bytes && (offset_and_flags(p) & IPV4_DF) == 0;
}

struct fragment_span fragment_span(const struct packet *p)
{
	uint16_t value = offset_and_flags(p);
	return (struct fragment_span){(value & IPV4_OFFSET_MASK) * 8u, ip_payload_bytes(p), (value & IPV4_MF) == 0};
}

void fragment_cut(struct packet *p, uint32_t mtu_bytes, struct packet *rest)
{
	struct fragment_span span = fragment_span(p);
	uint32_t l4_bytes = p->header_bytes - FRAME_TO_L4_BYTES; /* 0 of a later piece */
	uint32_t first_bytes = (mtu_bytes - IP_HEADER_BYTES) & ~7u;
	uint32_t from_payload = first_bytes - l4_bytes;

	memcpy(rest->header, p->header, PACKET_L4_AT);
	memset(rest->header + PACKET_L4_AT, 0, sizeof rest->header - PACKET_L4_AT);
	rest->header_bytes = FRAME_TO_L4_BYTES;
	rest->payload = p->payload;
	rest->payload_offset = p->payload_offset + from_payload;
	rest->payload_bytes = p->payload_bytes - from_payload;
	p->payload_bytes = from_payload;
	finish_ip(p, span.first_byte, true);
	finish_ip(rest, span.first_byte + first_bytes, !span.last);
}

void fragment_join(struct packet *first, uint32_t datagram_bytes)
{
	first->payload_bytes = datagram_bytes - (first->header_bytes - FRAME_TO_L4_BYTES);
	finish_ip(first, 0, false);
}
