/* DOC: the stack of each end point: which connection a segment is for, listening ports, ephemeral ports, and the
 * surroundings that TCP (host/tcp.h) asks for.
 *
 * TCBs are found by (machine, local port, remote address and port) in one table for the whole world, and at a platform
 * service by the origin of the call besides (origin.c); what is at rest in TIME-WAIT is a record there (time_wait.c). A
 * segment's own connection is looked at first: when its TCB has
 * exactly this tuple the table would name the same one, and a look at memory is saved. */
#include "base/fetch.h"
#include "host/ftp.h"
#include "net/checksum.h"
#include "traffic/traffic.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

static uint32_t demux_tag(uint32_t machine, be16 local_port, be32 remote, be16 remote_port)
{
	return (uint32_t)(random_mix(((uint64_t)machine << 32 | be32_key(remote)) ^
				     random_mix((uint64_t)be16_key(local_port) << 16 | be16_key(remote_port))) >>
			  32);
}

static uint32_t demux_tag_of(const struct tcb *tcb)
{
	return demux_tag(tcb->owner, tcb->local_port, tcb->remote_addr, tcb->remote_port);
}

static void demux_put(struct demux_slot *slots, uint32_t mask, struct demux_slot slot)
{
	uint32_t i = slot.tag & mask;
	while (slots[i].tcb)
		i = (i + 1) & mask;
	slots[i] = slot;
}

static int demux_add(struct world *world, const struct tcb *tcb)
{
	uint32_t size = world->demux ? world->demux_mask + 1 : 0;
	if (world->n_demux + 1 > size / 4 * 3) {
		uint32_t grown_mask = size ? size * 2 - 1 : 255;
		struct demux_slot *grown = calloc((size_t)grown_mask + 1, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		slab_advise_large(grown, ((size_t)grown_mask + 1) * sizeof *grown);
		for (uint32_t i = 0; i < size; i++)
			if (world->demux[i].tcb)
				demux_put(grown, grown_mask, world->demux[i]);
		free(world->demux);
		world->demux = grown;
		world->demux_mask = grown_mask;
	}
	demux_put(world->demux, world->demux_mask, (struct demux_slot){demux_tag_of(tcb), tcb->index});
	world->n_demux++;
	return 0;
}

/* Is it known that connections to this far end have all ports? A caller that asks again and again does not look at each
 * of them again. */
static bool is_full_for(const struct machine *machine, be32 to, be16 to_port)
{
	return machine->full_to_port.raw == to_port.raw && machine->full_to.raw == to.raw && to_port.raw != 0;
}

static uint32_t demux_slot_of(const struct world *world, uint32_t tag, uint32_t number)
{
	uint32_t i = tag & world->demux_mask;
	while (world->demux[i].tcb != number)
		i = (i + 1) & world->demux_mask;
	return i;
}

static void demux_remove(struct world *world, uint32_t owner, be32 remote, be16 remote_port, uint32_t tag,
			 uint32_t number)
{
	struct machine *machine = &world->machines[owner];
	if (is_full_for(machine, remote, remote_port))
		machine->full_to_port = (be16){0};
	uint32_t mask = world->demux_mask, hole = demux_slot_of(world, tag, number);
	for (uint32_t i = (hole + 1) & mask; world->demux[i].tcb; i = (i + 1) & mask) {
		uint32_t home = world->demux[i].tag & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			world->demux[hole] = world->demux[i];
			hole = i;
		}
	}
	world->demux[hole] = (struct demux_slot){0};
	world->n_demux--;
}

static void fetch_slot(const struct world *world, uint32_t tag)
{
	if (world->demux)
		fetch_line(&world->demux[tag & world->demux_mask]);
}

void machine_fetch_call(const struct world *world, uint32_t index, be32 to, uint16_t to_port)
{
	const struct machine *machine = &world->machines[index];
	struct tuple tuple = {machine->addr, to, be16_from(machine->next_port), be16_from(to_port), PROTO_TCP};
	fetch_slot(world, demux_tag(index, tuple.src_port, to, tuple.dst_port));
	if (machine->translator != NONE)
		nat_fetch_new(world->translators[machine->translator].nat, machine->number, &tuple);
}

void machine_fetch_accept(const struct world *world, uint32_t machine, const struct packet *syn)
{
	const struct tcp_header *header = packet_l4_const(syn);
	fetch_slot(world, demux_tag(machine, header->dst_port, packet_ip_const(syn)->src, header->src_port));
}

static uint32_t demux_tag_of_resting(const struct resting_tcb *rest)
{
	return demux_tag(rest->owner, rest->local_port, rest->remote_addr, rest->remote_port);
}

void machine_fetch_end(const struct world *world, const struct event *timer)
{
	if (timer->a & TCB_RESTS) {
		const struct resting_tcb *rest = resting_tcb(world, timer->a);
		if (rest->owner != NONE)
			fetch_slot(world, demux_tag_of_resting(rest));
		return;
	}
	const struct tcb *tcb = machine_tcb(world, timer->a);
	if (tcb->owner == NONE || tcb->state != TCP_TIME_WAIT || tcb->timer_at.ns != timer->at.ns)
		return;
	fetch_slot(world, demux_tag_of(tcb));
	fetch_line(connection_at(world, tcb->connection));
}

void machine_fetch_last(const struct world *world, const struct tcb *tcb)
{
	if (tcb->owner != NONE && tcb->state == TCP_LAST_ACK)
		fetch_slot(world, demux_tag_of(tcb));
}

static bool tcb_matches(const struct tcb *tcb, uint32_t machine, be16 local_port, be32 remote, be16 remote_port)
{
	return tcb->owner == machine && tcb->local_port.raw == local_port.raw && tcb->remote_addr.raw == remote.raw &&
	       tcb->remote_port.raw == remote_port.raw;
}

/* The number of a TCB, or of a record with TCB_RESTS; POOL_NONE. */
static uint32_t demux_find(const struct world *world, uint32_t machine, be16 local_port, be32 remote, be16 remote_port,
			   uint32_t origin)
{
	if (!world->demux)
		return POOL_NONE;
	uint32_t tag = demux_tag(machine, local_port, remote, remote_port);
	for (uint32_t i = tag & world->demux_mask; world->demux[i].tcb; i = (i + 1) & world->demux_mask) {
		uint32_t number = world->demux[i].tcb;
		if (world->demux[i].tag != tag)
			continue;
		if (number & TCB_RESTS) {
			if (origin == NONE &&
			    time_wait_matches(resting_tcb(world, number), machine, local_port, remote, remote_port))
				return number;
			continue;
		}
		const struct tcb *tcb = machine_tcb(world, number);
		if (tcb_matches(tcb, machine, local_port, remote, remote_port) && origin_of_tcb(world, tcb) == origin)
			return number;
	}
	return POOL_NONE;
}

static struct tcb *wake(struct world *world, uint32_t number)
{
	struct tcb *tcb = time_wait_wake(world, number);
	if (tcb)
		world->demux[demux_slot_of(world, demux_tag_of(tcb), number)].tcb = tcb->index;
	return tcb;
}

static struct tcb *find_tcb(struct world *world, uint32_t machine, const struct packet *packet, be16 local_port,
			    be32 remote, be16 remote_port)
{
	/* What the opening side of a leg sends is for a server or a front end, the rest for a caller or a relay. */
	static const enum role far_ends[2][2] = {{ROLE_CALLER, ROLE_RELAY}, {ROLE_SERVER, ROLE_FRONT}};
	const enum role *roles = far_ends[(packet->flags & PACKET_FROM_CALLER) != 0];
	const struct connection *connection = connection_at(world, packet->connection);
	for (size_t i = 0; i < 2; i++) {
		if (connection->tcb[roles[i]] == POOL_NONE)
			continue;
		struct tcb *tcb = machine_tcb(world, connection->tcb[roles[i]]);
		if (tcb_matches(tcb, machine, local_port, remote, remote_port))
			return tcb;
	}
	uint32_t number = demux_find(world, machine, local_port, remote, remote_port, origin_of(packet));
	return number == POOL_NONE ? NULL : number & TCB_RESTS ? wake(world, number) : machine_tcb(world, number);
}

/* ---- the surroundings of TCP ---- */

struct packet *packet_for(struct world *world, uint32_t connection_index)
{
	struct packet *packet = packets_get(&world->packets);
	if (!packet) {
		world_fail(world, -ENOMEM);
		return NULL;
	}
	struct connection *connection = connection_at(world, connection_index);
	packet->connection = connection_index;
	packet->serial = connection->serial++;
	packet->flags = 0;
	packet->flow = connection->flow;
	return packet;
}

static struct packet *env_packet(void *context, struct tcb *tcb)
{
	return packet_for(context, tcb->connection);
}

static void clear_df(struct packet *packet)
{
	struct ipv4_header *ip = packet_ip(packet);
	be16 old = ip->flags_fragment;
	ip->flags_fragment = be16_from((uint16_t)(be16_to(old) & ~IPV4_DF));
	ip->check = checksum_replace16(ip->check, old, ip->flags_fragment);
}

/* What few packets need: what the flow says of the caller's, the origin of a service's answer, a note that its end sends. Apart,
 * so that the way of all other packets saves no registers. */
__attribute__((noinline)) static void send_differing(struct world *world, const struct tcb *tcb, struct packet *packet)
{
	const struct flow_config *flow = flow_of(world, connection_at(world, tcb->connection));
	if (tcb->role == ROLE_CALLER && flow->has_df && !world->model->flows[packet->flow].df)
		clear_df(packet);
	if (tcb->has_origin)
		private_answer_mark(packet, world->origins[tcb->index]);
	keepalive_note(world, tcb);
	path_send(world, tcb->owner, packet);
}

static void env_send(void *context, struct tcb *tcb, struct packet *packet)
{
	struct world *world = context;
	if (packet->serial == 0)
		packet->flags |= PACKET_OPENING; /* a late flow has no SYN: what it pushes first opens it */
	if (__builtin_expect(world->sends_differ, 0))
		send_differing(world, tcb, packet);
	else
		path_send(world, tcb->owner, packet);
}

/* A TCB that enters TIME-WAIT goes, where a record does as well: the number for its timer. */
static uint32_t put_away(struct world *world, struct tcb *tcb, struct instant due)
{
	uint32_t number = time_wait_begin(world, tcb, due), index = tcb->index;
	if (number == POOL_NONE)
		return index;
	world->demux[demux_slot_of(world, demux_tag_of(tcb), index)].tcb = number;
	tcb->owner = NONE;
	pool_put(&world->tcbs, index);
	return number;
}

/* A time-out that was asked for again: most wait for a second, and come due in the order in which they were asked for. */
#define LATE_NS (TCP_MIN_RTO_NS / 2)

static void env_timer(void *context, struct tcb *tcb, struct instant due)
{
	struct world *world = context;
	int64_t delay_ns = instant_since(due, world->now);
	uint32_t node = world->machines[tcb->owner].node;
	uint32_t number = delay_ns == TCP_TIME_WAIT_NS ? put_away(world, tcb, due) : tcb->index;
	struct event event = {.at = due, .key = event_key(node, node), .kind = WHAT_TCP_TIMER, .a = number};
	uint32_t lane = delay_ns == TCP_INITIAL_RTO_NS   ? world->lane_rto
			: delay_ns == TCP_DELAYED_ACK_NS ? world->lane_delayed_ack
			: delay_ns == TCP_TIME_WAIT_NS   ? world->lane_time_wait
							 : QUEUE_HEAP;
	world_fail(world, lane != QUEUE_HEAP   ? queue_push_lane(&world->queue, lane, world->now, event)
			  : delay_ns > LATE_NS ? queue_push_late(&world->queue, world->lane_late, event)
					       : queue_push(&world->queue, event));
}

static void env_free(void *context, struct tcb *tcb)
{
	struct world *world = context;
	struct connection *connection = connection_at(world, tcb->connection);
	if (connection->flags & CONNECTION_FTP)
		ftp_tcb_gone(world, tcb);
	if (tcb->role < ROLE_COUNT && connection->tcb[tcb->role] == tcb->index)
		connection->tcb[tcb->role] = POOL_NONE;
	demux_remove(world, tcb->owner, tcb->remote_addr, tcb->remote_port, demux_tag_of(tcb), tcb->index);
	tcp_deinit(tcb);
	tcb->owner = NONE; /* a free slot */
	pool_put(&world->tcbs, tcb->index);
}

void machine_init(struct world *world)
{
	world->tcp =
		(struct tcp_env){world, &world->craft, env_packet, env_send, env_timer, conversation_event, env_free};
	world->lane_late = queue_lane_late(&world->queue);
	world->lane_rto = queue_lane(&world->queue, TCP_INITIAL_RTO_NS);
	world->lane_delayed_ack = queue_lane(&world->queue, TCP_DELAYED_ACK_NS);
	world->lane_time_wait = queue_lane(&world->queue, TCP_TIME_WAIT_NS);
}

/* ---- ports ---- */

bool machine_listens(const struct world *world, const struct machine *machine, uint16_t port, uint8_t proto)
{
	if (machine->kind == ELEMENT_FRONT_END)
		return vip_port_is_open(&world->translators[machine->translator], proto, port);
	if (machine->kind == ELEMENT_WORKER) {
		const struct ase_config *ase = &world->model->ases[machine->owner];
		for (uint32_t a = ase->app_first; a < ase->app_first + ase->n_apps; a++) {
			bool here = world->app_on_all[a];
			for (size_t i = 0; !here && i < world->app_n_on[a]; i++)
				here = world->app_on[a][i] == machine->number;
			for (size_t i = 0; here && i < world->model->apps[a].n_listen; i++)
				if (world->model->apps[a].listen[i].port == port &&
				    world->model->apps[a].listen[i].proto == proto)
					return true;
		}
		return false;
	}
	for (uint32_t i = 0; i < machine->n_listen; i++)
		if (machine->listen[i].port == port && machine->listen[i].proto == proto)
			return true;
	return false;
}

/* The next ephemeral port that no connection to this far end uses; 0 where all are taken. */
uint16_t machine_port(struct world *world, struct machine *machine, be32 to, uint16_t to_port)
{
	uint32_t index = (uint32_t)(machine - world->machines);
	if (is_full_for(machine, to, be16_from(to_port)))
		return 0;
	for (uint32_t i = EPHEMERAL_FIRST; i <= UINT16_MAX; i++) {
		uint16_t port = machine->next_port;
		machine->next_port = port == UINT16_MAX ? EPHEMERAL_FIRST : (uint16_t)(port + 1);
		if (demux_find(world, index, be16_from(port), to, be16_from(to_port), NONE) == POOL_NONE)
			return port;
	}
	machine->full_to = to;
	machine->full_to_port = be16_from(to_port);
	return 0;
}

/* ---- connections ---- */

static uint32_t *place_of_tcb(struct world *world, uint32_t connection, enum role role)
{
	return role < ROLE_COUNT ? &connection_at(world, connection)->tcb[role] : ftp_data_tcb(world, connection, role);
}

static struct tcb *new_tcb(struct world *world, uint32_t machine_index, uint32_t connection_index, enum role role,
			   const struct tuple *tuple)
{
	struct machine *machine = &world->machines[machine_index];
	uint32_t index = pool_get(&world->tcbs);
	if (index == POOL_NONE) {
		world_fail(world, -ENOMEM);
		return NULL;
	}
	struct tcb *tcb = machine_tcb(world, index);
	struct connection *connection = connection_at(world, connection_index);
	const struct flow_state *flow = &world->flows[connection->flow];
	uint64_t random = random_join(random_join(world->seed, flow->identity),
				      (uint64_t)(connection_index - flow->first_connection) << 8 | (uint64_t)role << 4 |
					      connection->tries);
	if (role > ROLE_COUNT) /* a connection has several of these, one after the other */
		random = random_join(random, (uint64_t)be16_key(tuple->src_port) << 16 | be16_key(tuple->dst_port));
	*tcb = (struct tcb){
		.connection = connection_index,
		.owner = machine_index,
		.index = index,
		.role = (uint8_t)role,
		.ttl = machine->ttl,
		.max_syn_retries = TCP_MAX_RETRANSMISSIONS,
		.local_addr = tuple->src,
		.remote_addr = tuple->dst,
		.local_port = tuple->src_port,
		.remote_port = tuple->dst_port,
		.iss = (uint32_t)random,
		.ip_id = (uint16_t)(random >> 32),
	};
	int r = demux_add(world, tcb);
	if (r < 0) {
		tcb->owner = NONE;
		pool_put(&world->tcbs, index);
		world_fail(world, r);
		return NULL;
	}
	*place_of_tcb(world, connection_index, role) = index;
	return tcb;
}

/* Its segments fit from the first one on, where the machine knows the path (RFC 1191 3). */
static void begin_with_path_mtu(struct world *world, struct tcb *tcb, be32 to)
{
	uint32_t mtu_bytes = machine_path_mtu(world, tcb->owner, to);
	if (__builtin_expect(mtu_bytes < PATH_MTU_UNKNOWN, 0))
		tcp_too_big(&world->tcp, tcb, (uint16_t)mtu_bytes, world->now);
}

struct tcb *machine_call(struct world *world, uint32_t machine_index, uint32_t connection, enum role role, be32 to,
			 uint16_t to_port, uint8_t syn_retries)
{
	struct machine *machine = &world->machines[machine_index];
	const struct flow_config *config = flow_of(world, connection_at(world, connection));
	uint16_t given = role == ROLE_CALLER ? config->from_port : role == ROLE_DATA_SERVER ? FTP_DATA_PORT : 0;
	bool is_given = given != 0;
	uint16_t port = is_given ? given : machine_port(world, machine, to, to_port);
	if (port == 0 ||
	    (is_given && demux_find(world, machine_index, be16_from(port), to, be16_from(to_port), NONE) != POOL_NONE))
		return NULL;
	struct tuple tuple = {machine->addr, to, be16_from(port), be16_from(to_port), PROTO_TCP};
	struct tcb *tcb = new_tcb(world, machine_index, connection, role, &tuple);
	if (!tcb)
		return NULL;
	tcb->caller = true;
	tcb->max_syn_retries = syn_retries;
	tcb->ttl = role == ROLE_CALLER && config->ttl ? config->ttl : tcb->ttl;
	if (role == ROLE_CALLER)
		connection_at(world, connection)->from_port = port;
	tcp_connect(&world->tcp, tcb, world->now);
	begin_with_path_mtu(world, tcb, to);
	return tcb;
}

void machine_forget(struct world *world, uint32_t machine)
{
	for (uint32_t i = 1; i < world->tcbs.n_used; i++) {
		struct tcb *tcb = machine_tcb(world, i);
		if (tcb->owner == machine)
			env_free(world, tcb);
	}
	for (uint32_t i = 1; i < world->resting_tcbs.n_used; i++)
		if (resting_tcb(world, i)->owner == machine)
			machine_forget_resting(world, i | TCB_RESTS);
}

void machine_forget_resting(struct world *world, uint32_t number)
{
	struct resting_tcb *rest = resting_tcb(world, number);
	demux_remove(world, rest->owner, rest->remote_addr, rest->remote_port, demux_tag_of_resting(rest), number);
	rest->owner = NONE;
}

/* ---- segments ---- */

static void delivered(struct world *world, uint32_t machine, const struct packet *packet)
{
	path_deliver(world, world->machines[machine].node, packet);
}

static void refuse(struct world *world, uint32_t machine_index, struct packet *packet, uint8_t flags)
{
	struct machine *machine = &world->machines[machine_index];
	struct packet *reply = packet_for(world, packet->connection);
	bool answer = reply && tcp_refuse(&world->craft, packet, machine->ttl, reply);
	if (answer && origin_of(packet) != NONE)
		private_answer_mark(reply, packet->origin);
	if (flags & TCP_SYN) {
		struct verdict verdict = {.reason = REASON_NO_LISTENER, .by = world->nodes[machine->node].name};
		path_drop(world, machine->node, packet, &verdict, STEP_SEEN | STEP_INBOUND);
	} else {
		delivered(world, machine_index, packet);
		packets_put(&world->packets, packet);
	}
	if (answer)
		path_send(world, machine_index, reply);
	else if (reply)
		packets_put(&world->packets, reply);
}

/* As what a machine takes a SYN; ROLE_COUNT where nothing listens. */
static enum role accepting_role(const struct world *world, uint32_t machine_index, const struct packet *syn,
				uint16_t port)
{
	const struct machine *machine = &world->machines[machine_index];
	const struct connection *connection = connection_at(world, syn->connection);
	if ((connection->flags & CONNECTION_FTP) && port != connection->to_port)
		return ftp_awaits_data(world, syn->connection, machine_index, port);
	if (!machine_listens(world, machine, port, PROTO_TCP))
		return ROLE_COUNT;
	return machine->kind == ELEMENT_FRONT_END ? ROLE_FRONT : ROLE_SERVER;
}

static void tcp_segment(struct world *world, uint32_t machine_index, struct packet *packet)
{
	const struct ipv4_header *ip = packet_ip_const(packet);
	const struct tcp_header *header = packet_l4_const(packet);
	struct tcb *tcb = find_tcb(world, machine_index, packet, header->dst_port, ip->src, header->src_port);
	bool opens = (header->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
	enum role role =
		!tcb && opens ? accepting_role(world, machine_index, packet, be16_to(header->dst_port)) : ROLE_COUNT;
	if (!tcb && role == ROLE_COUNT) {
		refuse(world, machine_index, packet, opens ? TCP_SYN : 0);
		return;
	}
	delivered(world, machine_index, packet);
	if (tcb) {
		keepalive_note(world, tcb);
		if (__builtin_expect((connection_at(world, tcb->connection)->flags & CONNECTION_FTP) != 0, 0))
			ftp_hear(world, tcb, packet);
		tcp_input(&world->tcp, tcb, packet, world->now);
	} else {
		struct tuple tuple = {ip->dst, ip->src, header->dst_port, header->src_port, PROTO_TCP};
		tcb = new_tcb(world, machine_index, packet->connection, role, &tuple);
		if (tcb && origin_of(packet) != NONE)
			origin_keep(world, tcb, packet->origin);
		if (tcb)
			tcp_accept(&world->tcp, tcb, packet, world->now);
		if (tcb)
			begin_with_path_mtu(world, tcb, tuple.dst);
	}
	packets_put(&world->packets, packet);
}

/* The path's MTU is the machine's to remember, whatever the packet was that met it. A router that does not say its MTU
 * (0) says nothing worth remembering. */
static void remember_path_mtu(struct world *world, uint32_t machine, be32 to, const struct packet *error)
{
	uint16_t mtu;
	if (!icmp_error_is_too_big(error, &mtu) || mtu == 0 || mtu >= machine_path_mtu(world, machine, to))
		return;
	int r = world->path_mtus ? 0 : path_mtus_new(&world->path_mtus);
	world_fail(world, r < 0 ? r : path_mtu_learn(world->path_mtus, machine, to, mtu, world->now));
}

static void tcp_error(struct world *world, struct tcb *tcb, const struct packet *error)
{
	uint16_t mtu;
	if (icmp_error_is_too_big(error, &mtu))
		tcp_too_big(&world->tcp, tcb, mtu, world->now);
	else if (icmp_error_is_unreachable(error))
		tcp_unreachable(&world->tcp, tcb, world->now);
	/* Time exceeded is a soft error (RFC 1122 4.2.3.9): TCP goes on trying. */
}

/* An ICMP error about a segment or datagram of ours (RFC 1122 3.2.2.1). */
static void icmp_error(struct world *world, uint32_t machine_index, struct packet *packet)
{
	struct tuple inner;
	delivered(world, machine_index, packet);
	if (icmp_error_inner(packet, &inner)) {
		if (inner.proto == PROTO_TCP) {
			uint32_t number = demux_find(world, machine_index, inner.src_port, inner.dst, inner.dst_port,
						     origin_of(packet));
			if (number != POOL_NONE)
				remember_path_mtu(world, machine_index, inner.dst, packet);
			if (number != POOL_NONE &&
			    !(number & TCB_RESTS)) /* in TIME-WAIT nothing is left to retransmit */
				tcp_error(world, machine_tcb(world, number), packet);
		} else {
			remember_path_mtu(world, machine_index, inner.dst, packet);
			datagram_refused(world, machine_index, packet);
		}
	}
	packets_put(&world->packets, packet);
}

void machine_input(struct world *world, uint32_t machine_index, struct packet *packet)
{
	if (__builtin_expect(!!world->flows[packet->flow].crafted, 0) && crafted_arrived(world, machine_index, packet))
		return;
	if (__builtin_expect(packet_ip_const(packet)->proto == PROTO_TCP, 1)) {
		tcp_segment(world, machine_index, packet);
		return;
	}
	const struct icmp_header *icmp = packet_l4_const(packet);
	if (packet_ip_const(packet)->proto == PROTO_ICMP && !packet_is_fragment(packet) && icmp->type != ICMP_ECHO &&
	    icmp->type != ICMP_ECHO_REPLY) {
		icmp_error(world, machine_index, packet);
		return;
	}
	datagram_input(world, machine_index, packet);
}
