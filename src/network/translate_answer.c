/* DOC: what a NAT that is a Linux machine does with a packet for itself: nothing listens there, so that a segment draws a
 * reset, a datagram "port unreachable", an echo request its reply (RFC 1122). A datagram and an echo request leave a
 * mapping, which holds the port towards their sender for as long as one that nothing answered: the one that inside sends
 * from that port to that place then gets another. */
#include "host/tcp.h"
#include "host/udp.h"
#include "net/checksum.h"
#include "network/drive.h"

#define OWN_TTL 64u

enum option { OPTION_END, OPTION_NOP, OPTION_SCALE = 3, OPTION_SACK_PERMITTED, OPTION_SACK };

static uint32_t read32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void take_option(const uint8_t *at, size_t bytes, struct nat_segment *ret)
{
	if (at[0] == OPTION_SCALE && bytes == 3)
		ret->scale = at[2];
	ret->sack_permitted = ret->sack_permitted || (at[0] == OPTION_SACK_PERMITTED && bytes == 2);
	for (size_t i = 2; at[0] == OPTION_SACK && i + 8 <= bytes; i += 8) {
		uint32_t edge = read32(at + i + 4);
		if (!ret->has_sack || (int32_t)(edge - ret->sack) > 0)
			ret->sack = edge;
		ret->has_sack = true;
	}
}

void translate_segment(const struct packet *packet, struct nat_segment *ret)
{
	const struct tcp_header *tcp = packet_l4_const(packet);
	size_t room = (size_t)packet->header_bytes + PACKET_PAD_BYTES - PACKET_L4_AT,
	       header = (size_t)(tcp->data_offset >> 4) * 4, left = header < room ? header : room;
	*ret = (struct nat_segment){.seq = be32_to(tcp->seq),
				    .ack = be32_to(tcp->ack),
				    .window = be16_to(tcp->window),
				    .flags = tcp->flags,
				    .scale = NAT_NO_SCALE,
				    .data_bytes = packet->payload_bytes};
	const uint8_t *at = (const uint8_t *)tcp + sizeof *tcp;
	left = left > sizeof *tcp ? left - sizeof *tcp : 0;
	ret->has_options = left > 0;
	while (left > 0 && at[0] != OPTION_END) {
		size_t bytes = at[0] == OPTION_NOP ? 1 : left >= 2 ? at[1] : 0;
		if (bytes == 0 || bytes > left || (at[0] != OPTION_NOP && bytes < 2))
			break; /* malformed: what was read so far counts */
		take_option(at, bytes, ret);
		at += bytes;
		left -= bytes;
	}
}

/* As it arrived: it is routed no further. */
static void raise_ttl(struct packet *packet)
{
	struct ipv4_header *ip = packet_ip(packet);
	be16 old = be16_from((uint16_t)(ip->ttl << 8 | ip->proto));
	ip->ttl++;
	ip->check = checksum_replace16(ip->check, old, be16_from((uint16_t)(ip->ttl << 8 | ip->proto)));
}

/* The reply to a packet, or NULL where a host gives none. */
static struct packet *reply_to(struct world *world, uint32_t node, struct packet *packet)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	const struct icmp_header *icmp = packet_l4_const(packet);
	if (ip->proto == PROTO_UDP)
		return path_error(world, node, ip->dst, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, 0, packet);
	if (packet_is_fragment(packet) || (ip->proto == PROTO_ICMP && icmp->type != ICMP_ECHO))
		return NULL;
	struct packet *reply = packet_for(world, packet->connection);
	if (!reply)
		return NULL;
	if (ip->proto == PROTO_ICMP) {
		echo_make(&world->craft, reply, true, ip->dst, ip->src, be16_to(icmp->id), be16_to(icmp->seq), OWN_TTL,
			  0, packet->payload);
		reply->payload_offset = packet->payload_offset;
		reply->payload_bytes = packet->payload_bytes;
		packet_ip(reply)->flags_fragment = be16_from(0); /* Linux answers echoes without DF (net/ipv4/icmp.c) */
		packet_finish(reply);
	} else if (!tcp_refuse(&world->craft, packet, OWN_TTL, reply)) {
		packets_put(&world->packets, reply);
		return NULL;
	}
	path_make_own(world, node, reply);
	return reply;
}

void translate_reset(struct world *world, struct leg leg, bool from_inside, struct packet *packet)
{
	const struct translator *translator = translator_at(world, leg.at);
	const struct tcp_header *tcp = packet_l4_const(packet);
	bool is_wanted = translator->unknown == NAT_UNKNOWN_RESET ||
			 (translator->unknown == NAT_UNKNOWN_RESET_INSIDE && from_inside);
	if (!is_wanted || packet_ip_const(packet)->proto != PROTO_TCP || packet_is_fragment(packet) ||
	    (tcp->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return;
	struct packet *reply = reply_to(world, leg.at, packet);
	if (reply)
		path_send_from(world, leg, reply);
}

static void hold_port(struct world *world, const struct translator *translator, const struct packet *packet)
{
	struct nat_packet about = {.tuple = tuple_reverse(translate_tuple(packet)),
				   .own = true,
				   .ip_bytes = packet_frame_bytes(packet) - 14,
				   .reference = packet->connection};
	struct nat_answer answer;
	const struct icmp_header *icmp = packet_l4_const(packet);
	if (about.tuple.proto == PROTO_TCP || packet_is_fragment(packet) ||
	    (nat_is_query(about.tuple.proto) && !icmp_is_request(icmp->type)))
		return;
	world_fail(world, nat_outbound(translator->nat, &about, world->now, &answer));
	translate_arm(world, (uint32_t)(translator - world->translators));
}

void translate_answer(struct world *world, struct leg leg, struct packet *packet)
{
	const struct translator *translator = translator_at(world, leg.at);
	bool is_crafted = (packet->flags & PACKET_CRAFTED) != 0;
	if (is_crafted && !packet_is_fragment(packet) && packet_is_damaged(packet))
		return; /* no host answers it */
	raise_ttl(packet);
	if (leg.passage == PASSAGE_PUBLIC)
		hold_port(world, translator, packet);
	struct packet *reply = reply_to(world, leg.at, packet);
	if (reply)
		path_send_from(world, leg, reply);
}
