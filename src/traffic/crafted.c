/* DOC: flows whose packets a scenario makes by hand (`packets`). Both ends are scripts: each packet is sent at its time,
 * and the stacks of the two ends take what arrives and answer nothing; everything between them does what it does to any
 * packet. What became of each packet is kept here: it arrived somewhere, or where and why it ended. A packet is known by
 * its serial number, which for these is its place in the list.
 *
 * The called end sends to where the caller's last packet of the protocol came from, as it arrived: to what a NAT made of
 * the caller. Before any arrived, to what one sent now would come from. */
#include "host/udp.h"
#include "net/checksum.h"
#include "net/fragment.h"
#include "traffic/traffic.h"
#include <errno.h>
#include <string.h>

#define IP_BYTES 20u
#define FRAME_TO_L4_BYTES 34u
#define ROOM_FOR_L4 (PACKET_HEADER_BYTES - PACKET_L4_AT)
#define OWN_WINDOW 64240u
#define ERROR_MTU 1400u /* that "fragmentation needed" names */

struct crafted { /* one packet */
	const struct payload *payload;
	uint32_t payload_offset, payload_bytes;
	uint32_t
		datagram_bytes; /* behind the IP header, of the datagram that begins with this fragment; 0: it is none */
	bool sent, ended, arrived_at_caller, arrived_at_called;
	struct world_loss loss; /* where it ended; reason NONE: it arrived there */
	struct packet last;     /* its headers there */
};

struct crafted_flow {
	const struct flow_config *config;
	uint32_t connection;
	uint32_t called; /* machine; NONE: no host has the address, and none took a packet of the caller yet */
	uint32_t origin; /* of the caller's last packet at a platform service, see origin.c; NONE */
	uint32_t n_ended;
	uint16_t caller_ip_id, called_ip_id; /* of the one datagram in fragments */
	bool has_ip_id[2];
	bool has_seen;
	struct tuple seen; /* the caller's last packet at the called end */
	struct crafted items[];
};

/* ---- payloads: the fragments of a datagram share one ---- */

static uint32_t header_of_l4(const struct crafted_packet *packet)
{
	if (!packet->hex)
		return packet->is_fragment && packet->offset_bytes > 0 ? 0 : packet->proto == PROTO_TCP ? 20 : 8;
	uint32_t n = (uint32_t)packet->n_hex - IP_BYTES, header = 8;
	if (((packet->hex[6] & 0x1f) | packet->hex[7]) != 0)
		return 0;
	if (packet->proto == PROTO_TCP && n > 12)
		header = (uint32_t)(packet->hex[IP_BYTES + 12] >> 4) * 4 < 20
				 ? 20
				 : (uint32_t)(packet->hex[IP_BYTES + 12] >> 4) * 4;
	else if (packet->proto == PROTO_ICMP && icmp_is_error(packet->hex[IP_BYTES]))
		header = ROOM_FOR_L4;
	return header < n ? header : n;
}

static uint32_t l4_bytes(const struct crafted_packet *packet)
{
	return packet->hex ? (uint32_t)packet->n_hex - IP_BYTES : header_of_l4(packet) + packet->payload_bytes;
}

static uint32_t offset_of(const struct crafted_packet *packet)
{
	return packet->hex ? ((packet->hex[6] & 0x1fu) << 8 | packet->hex[7]) * 8u : packet->offset_bytes;
}

static bool is_fragment(const struct crafted_packet *packet)
{
	return packet->hex ? ((packet->hex[6] & 0x3f) | packet->hex[7]) != 0 : packet->is_fragment;
}

static bool is_last(const struct crafted_packet *packet)
{
	return packet->hex ? (packet->hex[6] & 0x20) == 0 : !packet->more;
}

static bool same_datagram(const struct crafted_packet *a, const struct crafted_packet *b)
{
	if (!is_fragment(a) || !is_fragment(b) || a->by_called != b->by_called || a->proto != b->proto ||
	    !a->hex != !b->hex)
		return false;
	return !a->hex || (memcmp(a->hex + 4, b->hex + 4, 2) == 0 && memcmp(a->hex + 12, b->hex + 12, 8) == 0);
}

static void own_payload(struct world *world, const struct crafted_packet *packet, struct crafted *item)
{
	uint32_t header = header_of_l4(packet), n = l4_bytes(packet) - header;
	const uint8_t *bytes = packet->hex ? packet->hex + IP_BYTES + header : packet->payload;
	item->payload_bytes = n;
	item->payload = n ? payload_new(world->arena, bytes, n, NULL, 0, 0, NULL, 0) : NULL;
	if (n && !item->payload)
		world_fail(world, -ENOMEM);
}

/* Copies a fragment into the datagram where nothing else is yet; false where it overlaps or begins inside of the
 * header. */
static bool lay(const struct crafted_packet *packet, uint32_t header, uint8_t *datagram, uint8_t *covered)
{
	uint32_t at = offset_of(packet), own_header = header_of_l4(packet), n = l4_bytes(packet) - own_header;
	const uint8_t *bytes = packet->hex ? packet->hex + IP_BYTES + own_header : packet->payload;
	if (at + own_header < header || at + l4_bytes(packet) > UINT16_MAX)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (covered[at + own_header + i])
			return false;
	if (n > 0) {
		memcpy(datagram + at + own_header, bytes, n);
		memset(covered + at + own_header, 1, n);
	}
	return true;
}

/* All fragments of the datagram of `first`, the first of them in the list. */
static void share_payload(struct world *world, struct crafted_flow *flow, size_t first)
{
	const struct flow_config *config = flow->config;
	const struct crafted_packet *packets = config->packets;
	uint8_t *datagram = arena_alloc(world->arena, UINT16_MAX), *covered = arena_alloc(world->arena, UINT16_MAX);
	bool *laid = arena_array(world->arena, config->n_packets, sizeof *laid);
	uint32_t header = 0, end = 0, total = 0;
	if (!datagram || !covered || !laid) {
		world_fail(world, -ENOMEM);
		return;
	}
	for (size_t i = first; i < config->n_packets; i++)
		if (same_datagram(&packets[first], &packets[i]) && offset_of(&packets[i]) == 0)
			header = header_of_l4(&packets[i]);
	for (size_t i = first; i < config->n_packets; i++) {
		if (!same_datagram(&packets[first], &packets[i]))
			continue;
		uint32_t packet_end = offset_of(&packets[i]) + l4_bytes(&packets[i]);
		laid[i] = lay(&packets[i], header, datagram, covered);
		end = laid[i] && packet_end > end ? packet_end : end;
		total = is_last(&packets[i]) && packet_end > total ? packet_end : total;
	}
	const struct payload *payload =
		end > header ? payload_new(world->arena, datagram + header, end - header, NULL, 0, 0, NULL, 0) : NULL;
	for (size_t i = first; i < config->n_packets; i++) {
		struct crafted *item = &flow->items[i];
		if (!same_datagram(&packets[first], &packets[i]))
			continue;
		item->datagram_bytes = offset_of(&packets[i]) == 0 ? (total > end ? l4_bytes(&packets[i])
								      : total     ? total
										  : end)
								   : 0;
		if (!laid[i] || !payload) {
			own_payload(world, &packets[i], item);
			continue;
		}
		item->payload = payload;
		item->payload_offset = offset_of(&packets[i]) + header_of_l4(&packets[i]) - header;
		item->payload_bytes = l4_bytes(&packets[i]) - header_of_l4(&packets[i]);
	}
}

static bool is_first_of_datagram(const struct flow_config *config, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (same_datagram(&config->packets[i], &config->packets[index]))
			return false;
	return true;
}

/* ---- making ---- */

static uint32_t called_machine(const struct world *world, const struct endpoint *to)
{
	if (to->kind == ENDPOINT_HOST)
		return machine_number(world, world->model->elements->host[to->index]);
	for (uint32_t i = 0; to->kind == ENDPOINT_ADDRESS && i < world->n_machines; i++)
		if (world->machines[i].addr.raw == to->addr.raw || (world->machines[i].public_ip.raw == to->addr.raw))
			return machine_behind(world, i);
	return NONE;
}

int crafted_build(struct world *world, struct flow_state *state, const struct flow_config *config)
{
	size_t size = sizeof *state->crafted + config->n_packets * sizeof *state->crafted->items;
	struct crafted_flow *flow = state->crafted = arena_alloc(world->arena, size);
	if (!flow)
		return -ENOMEM;
	flow->config = config;
	flow->called = called_machine(world, &config->to);
	flow->origin = NONE;
	for (size_t i = 0; i < config->n_packets; i++)
		if (!is_fragment(&config->packets[i]))
			own_payload(world, &config->packets[i], &flow->items[i]);
		else if (is_first_of_datagram(config, i))
			share_payload(world, flow, i);
	return world->error;
}

void crafted_start(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	const struct flow_config *config = flow_of(world, connection);
	struct crafted_flow *flow = world->flows[connection->flow].crafted;
	flow->connection = id;
	connection->phase = PHASE_RUNNING;
	connection->serial = (uint32_t)config->n_packets;
	connection->from_port = config->from_port ? config->from_port : EPHEMERAL_FIRST;
	for (size_t i = 0; i < config->n_packets; i++) {
		struct event event = {.at = instant_add(world->now, config->packets[i].at_ns),
				      .key = event_key(UINT32_MAX, connection->flow),
				      .kind = WHAT_CRAFTED,
				      .a = connection->flow,
				      .b = i};
		world_fail(world, queue_push(&world->queue, event));
	}
}

/* ---- addresses and ports ---- */

static struct tuple by_caller(const struct world *world, const struct connection *connection, uint8_t proto)
{
	be16 port = be16_from(connection->from_port);
	return (struct tuple){world->machines[connection->caller].addr, connection->to_addr, port,
			      proto == PROTO_ICMP ? port : be16_from(connection->to_port), proto};
}

static struct tuple by_called(const struct world *world, const struct crafted_flow *flow, uint8_t proto)
{
	const struct connection *connection = connection_at(world, flow->connection);
	struct tuple asked = by_caller(world, connection, proto), seen = flow->seen;
	struct world_fate fate;
	if (!flow->has_seen) {
		world_fate(world, world->machines[connection->caller].node, &asked, false, &fate);
		seen = fate.tuple;
		seen.dst = world->machines[flow->called].addr;
	}
	struct tuple back = {seen.dst, seen.src, asked.dst_port, asked.src_port, proto};
	if (seen.proto == proto) {
		back.src_port = seen.dst_port;
		back.dst_port = seen.src_port;
	}
	return back;
}

static struct tuple tuple_of(const struct world *world, const struct crafted_flow *flow,
			     const struct crafted_packet *packet)
{
	struct tuple tuple = packet->by_called
				     ? by_called(world, flow, packet->proto)
				     : by_caller(world, connection_at(world, flow->connection), packet->proto);
	if (packet->has_src_port)
		tuple.src_port = be16_from(packet->src_port);
	if (packet->has_dst_port)
		tuple.dst_port = be16_from(packet->dst_port);
	return tuple;
}

/* ---- a packet of fields ---- */

static void put_l4(const struct crafted_packet *packet, const struct tuple *tuple, struct packet *p)
{
	const struct tcp_header tcp = {.src_port = tuple->src_port,
				       .dst_port = tuple->dst_port,
				       .seq = be32_from(packet->seq),
				       .ack = be32_from(packet->ack),
				       .data_offset = 0x50,
				       .flags = packet->tcp_flags,
				       .window = be16_from(OWN_WINDOW)};
	const struct udp_header udp = {.src_port = tuple->src_port, .dst_port = tuple->dst_port};
	/* An identifier is one port: the caller's, and the called end's answer has the same. */
	be16 id = packet->by_called && !packet->has_src_port ? tuple->dst_port : tuple->src_port;
	struct icmp_header icmp = {.type = packet->by_called ? ICMP_ECHO_REPLY : ICMP_ECHO,
				   .id = id,
				   .seq = be16_from((uint16_t)packet->seq)};
	if (packet->has_icmp) {
		icmp.type = packet->icmp_type;
		icmp.code = packet->icmp_code;
		icmp.id = icmp_is_query(icmp.type) ? id : be16_from(0);
	}
	const void *header = packet->proto == PROTO_TCP   ? (const void *)&tcp
			     : packet->proto == PROTO_UDP ? (const void *)&udp
							  : &icmp;
	memcpy(packet_l4(p), header, packet->proto == PROTO_TCP ? sizeof tcp : sizeof udp);
}

static void damage(struct packet *p)
{
	be16 *check = packet_ip(p)->proto == PROTO_TCP   ? &((struct tcp_header *)packet_l4(p))->check
		      : packet_ip(p)->proto == PROTO_UDP ? &((struct udp_header *)packet_l4(p))->check
							 : &((struct icmp_header *)packet_l4(p))->check;
	check->raw = check->raw == 0x5555 ? 0xaaaa : check->raw ^ 0x5555; /* of UDP 0 would be none */
}

/* The length and the checksum of a first fragment are those of the datagram. */
static void finish(const struct crafted *item, struct packet *p)
{
	uint32_t own_bytes = p->payload_bytes;
	be16 flags = packet_ip(p)->flags_fragment;
	if (item->datagram_bytes > 0) {
		p->payload_bytes = item->datagram_bytes - (p->header_bytes - FRAME_TO_L4_BYTES);
		packet_ip(p)->flags_fragment = be16_from(0);
		packet_finish(p);
		p->payload_bytes = own_bytes;
		struct ipv4_header *ip = packet_ip(p);
		ip->flags_fragment = flags;
		ip->total_bytes = be16_from((uint16_t)(packet_frame_bytes(p) - 14));
		ip->check = be16_from(0);
		ip->check = checksum_finish(checksum_add(0, ip, sizeof *ip));
		return;
	}
	packet_finish(p);
}

static uint16_t ip_id_of(struct world *world, struct crafted_flow *flow, const struct crafted_packet *packet,
			 uint32_t machine)
{
	uint16_t *shared = packet->by_called ? &flow->called_ip_id : &flow->caller_ip_id;
	if (!packet->is_fragment)
		return world->machines[machine].ip_id++;
	if (!flow->has_ip_id[packet->by_called])
		*shared = world->machines[machine].ip_id++;
	flow->has_ip_id[packet->by_called] = true;
	return *shared;
}

static void make_of_fields(struct world *world, struct crafted_flow *flow, size_t index, uint32_t machine,
			   struct packet *p)
{
	const struct crafted_packet *packet = &flow->config->packets[index];
	const struct crafted *item = &flow->items[index];
	const struct tuple tuple = tuple_of(world, flow, packet);
	bool df = packet->has_df ? packet->df
		  : flow->config->has_df && !packet->by_called
			  ? flow->config->df
			  : !packet->is_fragment && !(packet->has_icmp && icmp_is_error(packet->icmp_type));
	craft_start(p, &world->craft.udp);
	memset(p->header + PACKET_L4_AT, 0, ROOM_FOR_L4);
	struct ipv4_header *ip = packet_ip(p);
	ip->id = be16_from(ip_id_of(world, flow, packet, machine));
	ip->flags_fragment =
		be16_from((uint16_t)((df ? IPV4_DF : 0) | (packet->more ? IPV4_MF : 0) | packet->offset_bytes / 8));
	ip->ttl = packet->has_ttl                           ? packet->ttl
		  : flow->config->ttl && !packet->by_called ? flow->config->ttl
							    : world->machines[machine].ttl;
	ip->proto = packet->proto;
	ip->src = tuple.src;
	ip->dst = tuple.dst;
	p->header_bytes = (uint16_t)(FRAME_TO_L4_BYTES + header_of_l4(packet));
	p->payload = item->payload;
	p->payload_offset = item->payload_offset;
	p->payload_bytes = item->payload_bytes;
	if (header_of_l4(packet) > 0)
		put_l4(packet, &tuple, p);
	finish(item, p);
}

/* About another packet of the list, as it arrived at the end that sends the error, or else as it was last. */
static void make_error(struct world *world, const struct crafted_flow *flow, const struct crafted_packet *packet,
		       uint32_t machine, struct packet *p)
{
	const struct crafted *about = &flow->items[packet->about - 1];
	uint16_t mtu =
		packet->icmp_type == ICMP_UNREACHABLE && packet->icmp_code == ICMP_FRAGMENTATION_NEEDED ? ERROR_MTU : 0;
	memset(p->header + PACKET_L4_AT, 0, ROOM_FOR_L4);
	icmp_error_make(&world->craft, p, world->machines[machine].addr, packet->icmp_type, packet->icmp_code, mtu,
			packet->has_ttl ? packet->ttl : world->machines[machine].ttl, world->machines[machine].ip_id++,
			&about->last);
	if (packet->has_df && packet->df) {
		packet_ip(p)->flags_fragment = be16_from(IPV4_DF);
		packet_finish(p);
	}
}

/* ---- a packet byte by byte ---- */

static void make_of_hex(const struct crafted *item, const struct crafted_packet *packet, struct packet *p)
{
	uint32_t header = header_of_l4(packet);
	memset(p->header, 0, sizeof p->header);
	packet_ethernet(p)->type = be16_from(ETHERTYPE_IPV4);
	memcpy(packet_ip(p), packet->hex, IP_BYTES + header);
	p->header_bytes = (uint16_t)(FRAME_TO_L4_BYTES + header);
	p->payload = item->payload;
	p->payload_offset = item->payload_offset;
	p->payload_bytes = item->payload_bytes;
	struct ipv4_header *ip = packet_ip(p);
	if (ip->check.raw == 0)
		ip->check = checksum_finish(checksum_add(0, ip, sizeof *ip));
}

/* ---- sending ---- */

static bool is_ip_header_right(const struct packet *p)
{
	return checksum_fold(checksum_add(0, packet_ip_const(p), sizeof(struct ipv4_header))) == 0xffff;
}

/* The first router discards a packet whose IP header is damaged (RFC 1812 5.2.2). */
static void send(struct world *world, uint32_t machine, struct packet *p)
{
	uint32_t node = world->machines[machine].node;
	if (is_ip_header_right(p)) {
		path_send(world, machine, p);
		return;
	}
	struct verdict verdict = {.reason = REASON_BAD_CHECKSUM,
				  .by = world->nodes[node].name,
				  .detail = "the checksum of its IP header is wrong: the first router discards it"};
	path_count_originated(world, p);
	path_step(world, node, p, STEP_ORIGINATE, STEP_SEEN | STEP_REALM, NULL, NULL);
	path_drop(world, node, p, &verdict, 0);
}

void crafted_send(struct world *world, uint32_t flow_index, size_t index)
{
	struct crafted_flow *flow = world->flows[flow_index].crafted;
	const struct crafted_packet *packet = &flow->config->packets[index];
	struct crafted *item = &flow->items[index];
	const struct connection *connection = connection_at(world, flow->connection);
	uint32_t machine = packet->by_called ? flow->called : connection->caller;
	if (machine == NONE || !world->machines[machine].up)
		return; /* a machine that stands still sends nothing */
	if (packet->about && flow->items[packet->about - 1].last.header_bytes == 0)
		return; /* nothing was sent that it could be about */
	struct packet *p = packets_get(&world->packets);
	if (!p) {
		world_fail(world, -ENOMEM);
		return;
	}
	p->connection = flow->connection;
	p->serial = (uint32_t)index;
	p->flow = flow_index;
	p->flags = (uint16_t)(PACKET_CRAFTED | (packet->by_called ? 0 : PACKET_FROM_CALLER) |
			      (index == 0 ? PACKET_OPENING : 0));
	if (packet->hex)
		make_of_hex(item, packet, p);
	else if (packet->about)
		make_error(world, flow, packet, machine, p);
	else
		make_of_fields(world, flow, index, machine, p);
	if (packet->bad_checksum && header_of_l4(packet) > 0)
		damage(p);
	if (packet->by_called && flow->origin != NONE)
		private_answer_mark(p, flow->origin);
	item->sent = true;
	item->last = *p;
	send(world, machine, p);
}

/* ---- what became of them ---- */

void crafted_ended(struct world *world, const struct packet *p, uint32_t node, const struct verdict *verdict)
{
	struct crafted_flow *flow = world->flows[p->flow].crafted;
	if (p->serial >= flow->config->n_packets || flow->items[p->serial].ended)
		return; /* a packet that an element on the way made */
	struct crafted *item = &flow->items[p->serial];
	item->ended = true;
	item->last = *p;
	item->loss = (struct world_loss){verdict ? *verdict : (struct verdict){.by = world->nodes[node].name},
					 world->now, node, p->id, packet_tuple(p)};
	if (++flow->n_ended < flow->config->n_packets)
		return;
	enum outcome outcome = OUTCOME_FORWARDED;
	for (size_t i = 0; i < flow->config->n_packets; i++)
		if (flow->items[i].loss.verdict.reason != REASON_NONE)
			outcome = OUTCOME_DROPPED;
	connection_over(world, flow->connection, outcome);
}

static void note_seen(const struct world *world, struct crafted_flow *flow, uint32_t caller,
		      const struct packet *packet)
{
	struct tuple tuple = packet_tuple(packet);
	const struct icmp_header *icmp = packet_l4_const(packet);
	if ((packet->flags & PACKET_FROM_CALLER) == 0 || (tuple.proto == PROTO_ICMP && !icmp_is_query(icmp->type)) ||
	    (be16_to(packet_ip_const(packet)->flags_fragment) & IPV4_OFFSET_MASK) != 0)
		return;
	flow->origin = origin_of(packet);
	if (flow->has_seen && flow->seen.proto == tuple.proto && be32_equal(tuple.src, world->machines[caller].addr))
		return; /* what a NAT has not translated does not say what it makes of the caller */
	flow->has_seen = true;
	flow->seen = tuple;
}

/* Neither of the two ends, but a machine on the way that takes the packet: what listens there
 * answers nothing either. */
static bool listens(const struct world *world, uint32_t machine, const struct packet *packet)
{
	const struct tuple tuple = packet_tuple(packet);
	return (tuple.proto == PROTO_TCP || tuple.proto == PROTO_UDP) &&
	       machine_listens(world, &world->machines[machine], be16_to(tuple.dst_port), tuple.proto);
}

bool crafted_arrived(struct world *world, uint32_t machine, struct packet *packet)
{
	struct crafted_flow *flow = world->flows[packet->flow].crafted;
	uint32_t caller = connection_at(world, flow->connection)->caller;
	/* Behind a forwarded port the called end is the machine that takes what the caller sends there. */
	if (flow->called == NONE && machine != caller && (packet->flags & PACKET_FROM_CALLER) != 0 &&
	    listens(world, machine, packet))
		flow->called = machine;
	bool is_end = machine == caller || machine == flow->called;
	if (!is_end && !packet_is_fragment(packet) && packet_is_damaged(packet)) {
		struct verdict verdict = {.reason = REASON_BAD_CHECKSUM,
					  .by = world->nodes[world->machines[machine].node].name,
					  .detail = "a checksum or a length in it is wrong"};
		path_drop(world, world->machines[machine].node, packet, &verdict, STEP_SEEN | STEP_INBOUND);
		return true;
	}
	if (!is_end && !listens(world, machine, packet))
		return false;
	if (machine == flow->called)
		note_seen(world, flow, caller, packet);
	path_deliver(world, world->machines[machine].node, packet);
	packets_put(&world->packets, packet);
	return true;
}

void world_crafted(const struct world *world, uint32_t flow_index, uint32_t index, struct world_crafted *ret)
{
	const struct crafted_flow *flow = world->flows[flow_index].crafted;
	const struct crafted *item = &flow->items[index];
	*ret = (struct world_crafted){.sent = item->sent};
	if (!item->ended)
		return;
	ret->outcome = item->loss.verdict.reason == REASON_NONE ? OUTCOME_FORWARDED : OUTCOME_DROPPED;
	ret->end = &item->loss;
}
