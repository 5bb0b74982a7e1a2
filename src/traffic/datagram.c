/* DOC: exchanges without a connection: UDP, ICMP echo, and the DNS query that may precede any call. A datagram is not
 * retransmitted; a query is, once. One that does not fit the link leaves in fragments, and is looked at where the last of
 * them arrived. */
#include "net/checksum.h"
#include "net/fragment.h"
#include "traffic/traffic.h"
#include <errno.h>

#define REPLY_TIMEOUT_NS                                                                                               \
	(5 * NS_PER_S) /* as the resolvers of Linux and Windows wait, and ping's deadline in the same order */
#define DNS_TRIES 2

static const struct payload *request_of(const struct world *world, const struct connection *connection)
{
	return world->flows[connection->flow].request;
}

static void schedule_timeout(struct world *world, uint32_t id)
{
	const struct connection *connection = connection_at(world, id);
	uint32_t node = world->machines[connection->caller].node;
	struct event event = {.at = instant_add(world->now, REPLY_TIMEOUT_NS),
			      .key = event_key(node, node),
			      .kind = WHAT_DATAGRAM_TIMEOUT,
			      .a = id,
			      .b = (uint64_t)connection->phase << 32 | (connection->round + connection->tries)};
	world_fail(world, queue_push(&world->queue, event));
}

/* A datagram with DF that the machine knows to be too large for the path does not leave it (Linux: EMSGSIZE). */
static void too_large(struct world *world, uint32_t machine, struct packet *packet)
{
	uint32_t node = world->machines[machine].node;
	struct verdict verdict = {.reason = REASON_FRAGMENTATION_NEEDED,
				  .by = world->nodes[node].name,
				  .detail = "the datagram is larger than the path takes, and must not be cut"};
	path_count_originated(world, packet);
	path_step(world, node, packet, STEP_ORIGINATE, STEP_SEEN | STEP_REALM, NULL, NULL);
	path_drop(world, node, packet, &verdict, 0);
}

static void clear_df(struct packet *packet)
{
	struct ipv4_header *ip = packet_ip(packet);
	be16 old = ip->flags_fragment;
	ip->flags_fragment = be16_from((uint16_t)(be16_to(old) & ~IPV4_DF));
	ip->check = checksum_replace16(ip->check, old, ip->flags_fragment);
}

/* What does not fit the path leaves in fragments, and these may be cut again: no DF (Linux: IP_PMTUDISC_WANT). */
static void originate(struct world *world, uint32_t machine, struct packet *packet)
{
	uint32_t mtu_bytes = machine_path_mtu(world, machine, packet_ip(packet)->dst);
	const struct flow_config *config = &world->model->flows[packet->flow];
	bool df_is_given = config->has_df && (packet->flags & PACKET_FROM_CALLER) != 0;
	bool is_large = packet_frame_bytes(packet) - 14 > mtu_bytes;
	if (df_is_given && config->df && is_large) {
		too_large(world, machine, packet);
		return;
	}
	if (df_is_given ? !config->df : is_large)
		clear_df(packet);
	while (fragment_is_due(packet, mtu_bytes)) {
		struct packet *rest = packet_for(world, packet->connection);
		if (!rest) {
			packets_put(&world->packets, packet);
			return;
		}
		rest->flags = packet->flags & PACKET_FROM_CALLER;
		fragment_cut(packet, mtu_bytes, rest);
		path_send(world, machine, packet);
		packet = rest;
	}
	path_send(world, machine, packet);
}

static void send(struct world *world, uint32_t machine_index, uint32_t id, const struct tuple *tuple,
		 const struct payload *payload, bool reply, uint16_t flags)
{
	struct machine *machine = &world->machines[machine_index];
	struct packet *packet = packet_for(world, id);
	if (!packet)
		return;
	const struct flow_config *config = &world->model->flows[packet->flow];
	uint8_t ttl = config->ttl && (flags & PACKET_FROM_CALLER) ? config->ttl : machine->ttl;
	packet->flags = (uint16_t)(packet->flags | flags);
	if (tuple->proto == PROTO_UDP)
		udp_make(&world->craft, packet, tuple, ttl, machine->ip_id++, payload);
	else
		echo_make(&world->craft, packet, reply, tuple->src, tuple->dst, be16_to(tuple->src_port),
			  (uint16_t)(connection_at(world, id)->round + 1), ttl, machine->ip_id++, payload);
	originate(world, machine_index, packet);
}

static struct tuple tuple_of(const struct world *world, const struct connection *connection, uint8_t proto)
{
	be16 from_port = be16_from(connection->from_port);
	return (struct tuple){world->machines[connection->caller].addr, connection->to_addr, from_port,
			      proto == PROTO_ICMP ? from_port : be16_from(connection->to_port), proto};
}

/* ---- the caller ---- */

void datagram_start(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	uint8_t proto = flow_of(world, connection)->proto;
	uint16_t flags = PACKET_FROM_CALLER;
	if (connection->round == 0 && flow_of(world, connection)->from_port != 0) {
		connection->from_port = flow_of(world, connection)->from_port;
		flags |= PACKET_OPENING;
	} else if (connection->round == 0) {
		connection->from_port = machine_port(world, &world->machines[connection->caller], connection->to_addr,
						     connection->to_port);
		flags |= PACKET_OPENING;
	}
	if (connection->round == 0 && proto == PROTO_UDP)
		socket_open(world, id);
	struct tuple tuple = tuple_of(world, connection, proto);
	schedule_timeout(world, id);
	send(world, connection->caller, id, &tuple, request_of(world, connection), false, flags);
}

void datagram_round_done(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	const struct flow_config *config = flow_of(world, connection);
	if (++connection->round >= config->rounds) {
		connection_over(world, id, OUTCOME_DELIVERED);
		return;
	}
	if (config->pause_ns == 0) {
		datagram_start(world, id);
		return;
	}
	uint32_t node = world->machines[connection->caller].node;
	struct event event = {.at = instant_add(world->now, config->pause_ns),
			      .key = event_key(node, node),
			      .kind = WHAT_PAUSE_OVER,
			      .a = id};
	world_fail(world, queue_push(&world->queue, event));
}

void datagram_push(struct world *world, uint32_t id, bool by_caller)
{
	const struct connection *connection = connection_at(world, id);
	struct tuple tuple = tuple_of(world, connection, PROTO_UDP);
	schedule_timeout(world, id);
	send(world, connection->caller, id, &tuple, request_of(world, connection), false,
	     by_caller ? PACKET_FROM_CALLER : 0);
}

void datagram_timeout(struct world *world, uint32_t id, uint64_t attempt)
{
	struct connection *connection = connection_at(world, id);
	if (connection->phase == PHASE_OVER ||
	    attempt != ((uint64_t)connection->phase << 32 | (connection->round + connection->tries)))
		return;
	if (connection->phase == PHASE_DNS && ++connection->tries < DNS_TRIES)
		dns_start(world, id);
	else
		connection_over(world, id, OUTCOME_TIMED_OUT);
}

void datagram_refused(struct world *world, uint32_t machine, const struct packet *packet)
{
	struct tuple inner;
	const struct connection *connection = connection_at(world, packet->connection);
	if (!icmp_error_is_unreachable(packet) || !icmp_error_inner(packet, &inner) ||
	    connection->phase != PHASE_RUNNING || connection->caller != machine)
		return;
	struct tuple own = tuple_of(world, connection, inner.proto);
	if (tuple_equal(&own, &inner))
		connection_over(world, packet->connection, OUTCOME_REFUSED);
}

/* ---- DNS ---- */

static uint16_t dns_id(const struct world *world, const struct connection *connection)
{
	return (uint16_t)world->flows[connection->flow].identity;
}

void dns_start(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	struct flow_state *flow = &world->flows[connection->flow];
	struct machine *caller = &world->machines[connection->caller];
	const struct machine *resolver =
		&world->machines[caller->region == NONE ? world->public_dns : world->azure_dns];
	if (!flow->dns_query)
		flow->dns_query = dns_query(world->arena, dns_id(world, connection), flow->dns_name);
	if (!flow->dns_query) {
		world_fail(world, -ENOMEM);
		return;
	}
	connection->phase = PHASE_DNS;
	connection->from_port = machine_port(world, caller, resolver->addr, 53);
	struct tuple tuple = {caller->addr, resolver->addr, be16_from(connection->from_port), be16_from(53), PROTO_UDP};
	schedule_timeout(world, id);
	send(world, connection->caller, id, &tuple, flow->dns_query, false, PACKET_FROM_CALLER);
}

/* The resolver's answer: what the name means for this caller, now. */
static const struct payload *dns_reply(struct world *world, const struct connection *connection)
{
	struct flow_state *flow = &world->flows[connection->flow];
	be32 addr = resolve_endpoint(world, &flow_of(world, connection)->to, &world->machines[connection->caller]);
	if (!flow->dns_answer || flow->dns_answer_addr.raw != addr.raw) {
		flow->dns_answer = dns_answer(world->arena, dns_id(world, connection), flow->dns_name, &addr);
		flow->dns_answer_addr = addr;
	}
	return flow->dns_answer;
}

static void dns_answered(struct world *world, uint32_t id)
{
	struct connection *connection = connection_at(world, id);
	connection->to_addr = world->flows[connection->flow].dns_answer_addr;
	connection_call(world, id);
}

/* ---- both ends ---- */

static void delivered(struct world *world, uint32_t machine, const struct packet *packet)
{
	path_deliver(world, world->machines[machine].node, packet);
}

static bool is_answer(const struct world *world, const struct connection *connection, uint32_t machine,
		      const struct tuple *tuple)
{
	if (connection->caller != machine || connection->phase == PHASE_OVER)
		return false;
	if (connection->phase == PHASE_DNS)
		return tuple->proto == PROTO_UDP && be16_to(tuple->src_port) == 53 &&
		       be16_to(tuple->dst_port) == connection->from_port;
	struct tuple expected = tuple_of(world, connection, tuple->proto);
	expected = tuple_reverse(expected);
	return tuple_equal(&expected, tuple);
}

static void port_unreachable(struct world *world, uint32_t machine_index, struct packet *packet,
			     const struct packet *datagram)
{
	struct machine *machine = &world->machines[machine_index];
	struct packet *error = packet_for(world, packet->connection);
	if (error)
		icmp_error_make(&world->craft, error, machine->addr, ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE, 0,
				machine->ttl, machine->ip_id++, datagram);
	struct verdict verdict = {.reason = REASON_NO_LISTENER, .by = world->nodes[machine->node].name};
	path_drop(world, machine->node, packet, &verdict, STEP_SEEN | STEP_INBOUND);
	if (error)
		path_send(world, machine_index, error);
}

static void serve(struct world *world, uint32_t machine_index, uint32_t id, const struct tuple *tuple,
		  const struct payload *echoed)
{
	struct connection *connection = connection_at(world, id);
	const struct machine *machine = &world->machines[machine_index];
	struct tuple back = tuple_reverse(*tuple);
	if (tuple->proto == PROTO_ICMP) {
		send(world, machine_index, id, &back, echoed, true, 0);
		return;
	}
	if (machine->kind == ELEMENT_AZURE_DNS || machine->kind == ELEMENT_PUBLIC_DNS) {
		const struct payload *answer = connection->phase == PHASE_DNS ? dns_reply(world, connection) : NULL;
		if (answer)
			send(world, machine_index, id, &back, answer, true, 0);
		return;
	}
	const struct payload *reply = world->flows[connection->flow].reply;
	if (reply && reply->size_bytes > 0)
		send(world, machine_index, id, &back, reply, true, 0);
	else if (connection->phase == PHASE_RUNNING)
		datagram_round_done(world, id); /* nothing comes back; what arrived is what there was to deliver */
}

/* `packet` is what arrived; `datagram` what it is, or is the last piece of. */
static void input(struct world *world, uint32_t machine_index, struct packet *packet, const struct packet *datagram)
{
	struct tuple tuple = packet_tuple(datagram);
	uint32_t id = packet->connection;
	const struct connection *connection = connection_at(world, id);
	const struct icmp_header *icmp = packet_l4_const(datagram);
	bool echo_request = tuple.proto == PROTO_ICMP && icmp->type == ICMP_ECHO;
	if (!echo_request && is_answer(world, connection, machine_index, &tuple)) {
		bool dns = connection->phase == PHASE_DNS;
		delivered(world, machine_index, packet);
		packets_put(&world->packets, packet);
		if (dns)
			dns_answered(world, id);
		else
			datagram_round_done(world, id);
		return;
	}
	bool listens = tuple.proto == PROTO_UDP &&
		       (machine_listens(world, &world->machines[machine_index], be16_to(tuple.dst_port), PROTO_UDP) ||
			socket_is_open(world, machine_index, be16_to(tuple.dst_port)));
	if (!listens && tuple.proto == PROTO_UDP) {
		port_unreachable(world, machine_index, packet, datagram);
		return;
	}
	/* An answer that comes to a host that listens there is heard and not answered: two who listen would never
	 * end. */
	bool serves = echo_request || (listens && (packet->flags & PACKET_FROM_CALLER));
	delivered(world, machine_index, packet);
	const struct payload *payload = datagram->payload;
	bool is_push_back = flow_of(world, connection)->is_held_push && (packet->flags & PACKET_FROM_CALLER) == 0;
	packets_put(&world->packets, packet);
	if (__builtin_expect(world->n_sockets > 0, 0) && tuple.proto == PROTO_UDP) {
		socket_hear(world, machine_index, &tuple);
		if (serves)
			socket_seen(world, id, machine_index, &tuple);
		if (is_push_back)
			connection_over(world, id, OUTCOME_DELIVERED);
	}
	if (serves)
		serve(world, machine_index, id, &tuple, payload);
}

/* `end`: of which the pieces of one datagram are put together. */
static void whole_input(struct world *world, uint32_t machine_index, uint32_t end, struct packet *packet)
{
	const struct packet *datagram = packet;
	if (__builtin_expect(packet_is_fragment(packet), 0))
		world_fail(world, reassembly_add(world->reassembly, end, packet, world->now, &datagram));
	if (datagram) {
		input(world, machine_index, packet, datagram);
		return;
	}
	delivered(world, machine_index, packet);
	packets_put(&world->packets, packet);
}

/* The answers go back the way that the call came, and so does what is pushed later. */
static void private_input(struct world *world, uint32_t machine_index, struct packet *packet)
{
	uint32_t origin = packet->origin, id = packet->connection, first = world->n_outgoing;
	whole_input(world, machine_index, world->n_machines + origin, packet);
	private_answers_mark(world, machine_index, first, origin);
	socket_note_origin(world, id, origin);
}

void datagram_input(struct world *world, uint32_t machine_index, struct packet *packet)
{
	if (__builtin_expect(origin_of(packet) != NONE, 0))
		private_input(world, machine_index, packet);
	else
		whole_input(world, machine_index, machine_index, packet);
}
