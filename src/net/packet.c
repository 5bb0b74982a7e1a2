/* Packets: their bytes, their tuple, and rewriting in place with the checksums updated (RFC 1624). */
#include "net/packet.h"
#include "net/checksum.h"
#include <string.h>

void packet_copy(const struct packet *p, uint8_t *out)
{
	memcpy(out, p->header + PACKET_ETHERNET_AT, p->header_bytes);
	if (p->payload_bytes)
		payload_copy(p->payload, p->payload_offset, p->payload_bytes, out + p->header_bytes);
}

static bool is_later_fragment(const struct ipv4_header *ip)
{
	return (be16_to(ip->flags_fragment) & IPV4_OFFSET_MASK) != 0;
}

static bool has_identifier(const void *l4)
{
	return icmp_is_query(((const struct icmp_header *)l4)->type);
}

struct tuple packet_tuple(const struct packet *p)
{
	const struct ipv4_header *ip = packet_ip_const(p);
	struct tuple tuple = {.src = ip->src, .dst = ip->dst, .proto = ip->proto};
	if (is_later_fragment(ip))
		return tuple;
	if (ip->proto == PROTO_TCP || ip->proto == PROTO_UDP) {
		const struct udp_header *ports = packet_l4_const(p); /* both begin with the ports */
		tuple.src_port = ports->src_port;
		tuple.dst_port = ports->dst_port;
	} else if (ip->proto == PROTO_ICMP && has_identifier(packet_l4_const(p))) {
		tuple.src_port = tuple.dst_port = ((const struct icmp_header *)packet_l4_const(p))->id;
	}
	return tuple;
}

/* Updates the L4 checksum for a changed address (in the pseudo header) and port. */
static void mend_l4(struct packet *p, uint8_t proto, uint32_t change)
{
	if (proto == PROTO_TCP) {
		struct tcp_header *tcp = packet_l4(p);
		tcp->check = checksum_apply(tcp->check, change);
	} else {
		struct udp_header *udp = packet_l4(p);
		if (udp->check.raw == 0)
			return; /* none was computed, and none is now (RFC 768, RFC 3022 4.1) */
		udp->check = checksum_apply(udp->check, change);
		if (udp->check.raw == 0)
			udp->check.raw = 0xffff;
	}
}

static void rewrite(struct packet *p, bool source, be32 addr, be16 port)
{
	struct ipv4_header *ip = packet_ip(p);
	be32 *ip_field = source ? &ip->src : &ip->dst;
	uint32_t change = checksum_change32(*ip_field, addr);
	ip->check = checksum_apply(ip->check, change);
	*ip_field = addr;
	if (is_later_fragment(ip))
		return;
	if (ip->proto == PROTO_ICMP) {
		struct icmp_header *icmp = packet_l4(p);
		if (!has_identifier(icmp))
			return;
		icmp->check = checksum_replace16(icmp->check, icmp->id, port);
		icmp->id = port;
		return;
	}
	if (ip->proto != PROTO_TCP && ip->proto != PROTO_UDP)
		return;
	struct udp_header *ports = packet_l4(p);
	be16 *port_field = source ? &ports->src_port : &ports->dst_port;
	change += checksum_change16(*port_field, port);
	*port_field = port;
	mend_l4(p, ip->proto, change);
}

void packet_rewrite_src(struct packet *p, be32 addr, be16 port)
{
	rewrite(p, true, addr, port);
}

void packet_rewrite_dst(struct packet *p, be32 addr, be16 port)
{
	rewrite(p, false, addr, port);
}

/* ---- a segment's payload and numbers ---- */

void packet_replace_payload(struct packet *p, const struct payload *payload)
{
	struct ipv4_header *ip = packet_ip(p);
	struct tcp_header *tcp = packet_l4(p);
	be16 total = be16_from((uint16_t)(be16_to(ip->total_bytes) + payload->size_bytes - p->payload_bytes));
	be16 old = be16_from((uint16_t)payload_sum(p->payload, p->payload_offset, p->payload_bytes)),
	     sum = be16_from((uint16_t)payload_sum(payload, 0, payload->size_bytes));
	/* The length of the segment is in its pseudo header. */
	tcp->check =
		checksum_apply(tcp->check, checksum_change16(ip->total_bytes, total) + checksum_change16(old, sum));
	ip->check = checksum_replace16(ip->check, ip->total_bytes, total);
	ip->total_bytes = total;
	p->payload = payload;
	p->payload_offset = 0;
	p->payload_bytes = payload->size_bytes;
}

void packet_rewrite_sequence(struct packet *p, uint32_t seq, uint32_t ack)
{
	struct tcp_header *tcp = packet_l4(p);
	be32 new_seq = be32_from(seq), new_ack = be32_from(ack);
	tcp->check =
		checksum_apply(tcp->check, checksum_change32(tcp->seq, new_seq) + checksum_change32(tcp->ack, new_ack));
	tcp->seq = new_seq;
	tcp->ack = new_ack;
}

/* ---- inside an ICMP error ---- */

/* The sum of L4 header and payload, without the pseudo header. */
static uint32_t l4_sum(const struct packet *p)
{
	uint32_t header_bytes = p->header_bytes - 34u;
	uint32_t sum = checksum_add(0, packet_l4_const(p), header_bytes);
	if (p->payload_bytes)
		sum += payload_sum(p->payload, p->payload_offset, p->payload_bytes);
	return sum;
}

/* Of a TCP segment the checksum lies behind the 8 bytes that are always there. */
static be16 *inner_tcp_check(struct packet *p)
{
	struct tcp_header *tcp = (struct tcp_header *)(void *)(p->header + PACKET_INNER_L4_AT);
	bool is_there = p->header_bytes + PACKET_PAD_BYTES >=
			PACKET_INNER_L4_AT + (int)(offsetof(struct tcp_header, check) + sizeof tcp->check);
	return is_there ? &tcp->check : NULL;
}

static void rewrite_inner_l4(struct packet *p, uint8_t proto, bool source, be32 old_addr, be32 addr, be16 port)
{
	void *l4 = p->header + PACKET_INNER_L4_AT;
	if (proto == PROTO_ICMP) {
		struct icmp_header *icmp = l4;
		if (!has_identifier(icmp))
			return;
		icmp->check = checksum_replace16(icmp->check, icmp->id, port);
		icmp->id = port;
		return;
	}
	struct udp_header *udp = l4;
	be16 *port_field = source ? &udp->src_port : &udp->dst_port;
	uint32_t change = checksum_change32(old_addr, addr) + checksum_change16(*port_field, port);
	be16 *check = proto == PROTO_UDP ? &udp->check : inner_tcp_check(p);
	*port_field = port;
	if (!check || (proto == PROTO_UDP && check->raw == 0))
		return;
	*check = checksum_apply(*check, change);
	if (proto == PROTO_UDP && check->raw == 0)
		check->raw = 0xffff;
}

static void rewrite_inner(struct packet *p, bool source, be32 addr, be16 port)
{
	struct ipv4_header *ip = (struct ipv4_header *)(void *)(p->header + PACKET_INNER_IP_AT);
	struct icmp_header *error = packet_l4(p);
	be32 *field = source ? &ip->src : &ip->dst;
	be32 old_addr = *field;
	ip->check = checksum_replace32(ip->check, old_addr, addr);
	*field = addr;
	if (!is_later_fragment(ip))
		rewrite_inner_l4(p, ip->proto, source, old_addr, addr, port);
	error->check = (be16){0};
	error->check = checksum_finish(l4_sum(p));
}

void packet_rewrite_inner_src(struct packet *p, be32 addr, be16 port)
{
	rewrite_inner(p, true, addr, port);
}

void packet_rewrite_inner_dst(struct packet *p, be32 addr, be16 port)
{
	rewrite_inner(p, false, addr, port);
}

/* ---- checksums ---- */

static uint32_t l4_bytes(const struct packet *p)
{
	return p->header_bytes - 34u + p->payload_bytes;
}

bool packet_checksums_valid(const struct packet *p)
{
	const struct ipv4_header *ip = packet_ip_const(p);
	if (checksum_fold(checksum_add(0, ip, sizeof *ip)) != 0xffff)
		return false;
	if (packet_is_fragment(p))
		return true;
	uint32_t sum = l4_sum(p);
	if (ip->proto == PROTO_ICMP)
		return checksum_fold(sum) == 0xffff;
	if (ip->proto == PROTO_UDP && ((const struct udp_header *)packet_l4_const(p))->check.raw == 0)
		return true;
	return checksum_fold(sum + checksum_pseudo(ip->src, ip->dst, ip->proto, l4_bytes(p))) == 0xffff;
}

static bool lengths_are_wrong(const struct packet *p)
{
	const struct tcp_header *tcp = packet_l4_const(p);
	const struct udp_header *udp = packet_l4_const(p);
	uint32_t bytes = l4_bytes(p);
	switch (packet_ip_const(p)->proto) {
	case PROTO_TCP:
		return bytes < sizeof *tcp || (tcp->data_offset >> 4) * 4u < sizeof *tcp ||
		       (tcp->data_offset >> 4) * 4u > bytes;
	case PROTO_UDP:
		return bytes < sizeof *udp || be16_to(udp->size_bytes) < sizeof *udp ||
		       be16_to(udp->size_bytes) > bytes;
	}
	return bytes < sizeof(struct icmp_header);
}

bool packet_is_damaged(const struct packet *p)
{
	return lengths_are_wrong(p) || !packet_checksums_valid(p);
}

bool packet_inner_checksum_valid(const struct packet *p)
{
	return checksum_fold(checksum_add(0, p->header + PACKET_INNER_IP_AT, sizeof(struct ipv4_header))) == 0xffff;
}

void packet_finish(struct packet *p)
{
	struct ipv4_header *ip = packet_ip(p);
	ip->total_bytes = be16_from((uint16_t)(packet_frame_bytes(p) - 14));
	ip->check = (be16){0};
	ip->check = checksum_finish(checksum_add(0, ip, sizeof *ip));
	if (is_later_fragment(ip))
		return;
	if (ip->proto == PROTO_TCP) {
		struct tcp_header *tcp = packet_l4(p);
		tcp->check = (be16){0};
		tcp->check = checksum_finish(l4_sum(p) + checksum_pseudo(ip->src, ip->dst, ip->proto, l4_bytes(p)));
	} else if (ip->proto == PROTO_UDP) {
		struct udp_header *udp = packet_l4(p);
		udp->size_bytes = be16_from((uint16_t)l4_bytes(p));
		udp->check = (be16){0};
		udp->check = checksum_finish(l4_sum(p) + checksum_pseudo(ip->src, ip->dst, ip->proto, l4_bytes(p)));
		if (udp->check.raw == 0)
			udp->check.raw = 0xffff;
	} else if (ip->proto == PROTO_ICMP) {
		struct icmp_header *icmp = packet_l4(p);
		icmp->check = (be16){0};
		icmp->check = checksum_finish(l4_sum(p));
	}
}
