/* UDP datagrams as an end point makes them (RFC 768).
 *
 * DOC: DF follows Linux (ip_output.c): set where the packet fits the path's 1500 bytes, clear on one that is to be
 * fragmented. */
#include "host/udp.h"

#define MTU_BYTES 1500u

void udp_make(const struct craft *craft, struct packet *p, const struct tuple *tuple, uint8_t ttl, uint16_t ip_id,
	      const struct payload *payload)
{
	craft_start(p, &craft->udp);
	p->payload = payload;
	p->payload_offset = 0;
	p->payload_bytes = payload ? payload->size_bytes : 0;

	struct ipv4_header *ip = packet_ip(p);
	struct udp_header *udp = packet_l4(p);
	uint32_t udp_bytes = (uint32_t)sizeof *udp + p->payload_bytes;
	ip->id = be16_from(ip_id);
	ip->flags_fragment = be16_from(sizeof *ip + udp_bytes <= MTU_BYTES ? IPV4_DF : 0);
	ip->ttl = ttl;
	ip->src = tuple->src;
	ip->dst = tuple->dst;
	udp->src_port = tuple->src_port;
	udp->dst_port = tuple->dst_port;
	udp->size_bytes = be16_from((uint16_t)udp_bytes);
	packet_finish(p);
}
