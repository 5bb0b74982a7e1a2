/* ICMP as end points and routers make it (RFC 792, 1122 3.2.2): echo, and errors about packets.
 *
 * DOC: an error carries the IP header and the first 8 bytes of what it is about, all of it inside its own header bytes,
 * because those are what a NAT has to rewrite. Of a later fragment the first 8 bytes are payload. */
#include "host/udp.h"
#include <string.h>

#define MTU_BYTES 1500u
#define QUOTED_BYTES 8u
_Static_assert(PACKET_INNER_L4_AT + QUOTED_BYTES <= PACKET_HEADER_BYTES, "an error fits the header");

void echo_make(const struct craft *craft, struct packet *p, bool reply, be32 src, be32 dst, uint16_t id, uint16_t seq,
	       uint8_t ttl, uint16_t ip_id, const struct payload *payload)
{
	craft_start(p, &craft->echo);
	p->payload = payload;
	p->payload_offset = 0;
	p->payload_bytes = payload ? payload->size_bytes : 0;

	struct ipv4_header *ip = packet_ip(p);
	struct icmp_header *icmp = packet_l4(p);
	ip->id = be16_from(ip_id);
	ip->flags_fragment = be16_from(sizeof *ip + sizeof *icmp + p->payload_bytes <= MTU_BYTES ? IPV4_DF : 0);
	ip->ttl = ttl;
	ip->src = src;
	ip->dst = dst;
	icmp->type = reply ? ICMP_ECHO_REPLY : ICMP_ECHO;
	icmp->code = 0;
	icmp->id = be16_from(id);
	icmp->seq = be16_from(seq);
	packet_finish(p);
}

void icmp_error_make(const struct craft *craft, struct packet *p, be32 src, uint8_t type, uint8_t code, uint16_t mtu,
		     uint8_t ttl, uint16_t ip_id, const struct packet *about)
{
	struct ipv4_header *ip = packet_ip(p);
	struct icmp_header *icmp = packet_l4(p);
	uint32_t l4_bytes = about->header_bytes + PACKET_PAD_BYTES - (uint32_t)PACKET_L4_AT;
	uint32_t from_header = l4_bytes < QUOTED_BYTES ? l4_bytes : QUOTED_BYTES;
	uint32_t from_payload = QUOTED_BYTES - from_header;

	if (from_payload > about->payload_bytes)
		from_payload = about->payload_bytes;
	craft_start(p, &craft->icmp_error);
	ip->id = be16_from(ip_id);
	ip->flags_fragment = be16_from(0); /* errors are small, and must arrive: nothing sets DF on them */
	ip->ttl = ttl;
	ip->src = src;
	ip->dst = packet_ip_const(about)->src;
	icmp->type = type;
	icmp->code = code;
	icmp->id = be16_from(0);
	icmp->seq = be16_from(mtu);
	memcpy(p->header + PACKET_INNER_IP_AT, packet_ip_const(about), sizeof(struct ipv4_header) + from_header);
	if (from_payload > 0)
		payload_copy(about->payload, about->payload_offset, from_payload,
			     p->header + PACKET_INNER_L4_AT + from_header);
	p->header_bytes = (uint16_t)(PACKET_INNER_L4_AT - PACKET_PAD_BYTES + from_header + from_payload);
	packet_finish(p);
}

bool icmp_error_is_too_big(const struct packet *p, uint16_t *ret_mtu)
{
	const struct icmp_header *icmp = packet_l4_const(p);

	if (packet_ip_const(p)->proto != PROTO_ICMP || packet_is_fragment(p) || icmp->type != ICMP_UNREACHABLE ||
	    icmp->code != ICMP_FRAGMENTATION_NEEDED)
		return false;
	*ret_mtu = be16_to(icmp->seq);
	return true;
}

bool icmp_error_is_unreachable(const struct packet *p)
{
	const struct icmp_header *icmp = packet_l4_const(p);

	return packet_ip_const(p)->proto == PROTO_ICMP && !packet_is_fragment(p) && icmp->type == ICMP_UNREACHABLE &&
	       icmp->code != ICMP_FRAGMENTATION_NEEDED;
}

bool icmp_error_inner(const struct packet *p, struct tuple *ret)
{
	const struct icmp_header *icmp = packet_l4_const(p);
	const struct ipv4_header *inner = (const struct ipv4_header *)(const void *)(p->header + PACKET_INNER_IP_AT);
	const void *l4 = p->header + PACKET_INNER_L4_AT;

	if (packet_ip_const(p)->proto != PROTO_ICMP || packet_is_fragment(p) || !icmp_is_error(icmp->type) ||
	    (size_t)p->header_bytes + PACKET_PAD_BYTES < PACKET_INNER_L4_AT + QUOTED_BYTES ||
	    inner->version_ihl != 0x45 || (be16_to(inner->flags_fragment) & IPV4_OFFSET_MASK) != 0)
		return false;
	struct tuple t = {.src = inner->src, .dst = inner->dst, .proto = inner->proto};
	if (inner->proto == PROTO_TCP || inner->proto == PROTO_UDP) {
		const struct udp_header *ports = l4; /* TCP has its ports in the same place */
		t.src_port = ports->src_port;
		t.dst_port = ports->dst_port;
	} else if (inner->proto == PROTO_ICMP) {
		const struct icmp_header *echo = l4;
		if (!icmp_is_query(echo->type))
			return false;
		t.src_port = t.dst_port = echo->id;
	} else {
		return false;
	}
	*ret = t;
	return true;
}
