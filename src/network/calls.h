/* What network and traffic ask of each other. Traffic sends packets, asks where an address is, and ends a packet by a
 * reason; network hands packets over to the stack of the machine that they reached, and the queue's events to flows. */
#ifndef PKTPATH_NETWORK_CALLS_H
#define PKTPATH_NETWORK_CALLS_H
#include "network/world_state.h"

/* ---- of network ---- */
/* ---- private_calls.c: what a platform service sends in answer to a call with a private source ---- */
void private_answer_mark(struct packet *packet, uint32_t origin);
/* All that the machine has sent in this event, from the world's outgoing packet `first` on. */
void private_answers_mark(struct world *world, uint32_t machine, uint32_t first, uint32_t origin);
/* ---- path.c and others ---- */
uint32_t address_find(const struct world *world, uint32_t realm, be32 addr); /* a node, NONE where nothing has it */
/* Who takes in the end what is sent to this machine: itself, or what it only leads to. */
uint32_t machine_behind(const struct world *world, uint32_t machine);
/* What a name or end point means for a caller, now. */
be32 resolve_endpoint(const struct world *world, const struct endpoint *to, const struct machine *from);
/* A machine sends: the packet leaves once the event that made it is through (world_run()). */
void path_send(struct world *world, uint32_t machine, struct packet *packet);
void path_drop(struct world *world, uint32_t node, struct packet *packet, const struct verdict *verdict,
	       uint32_t step_flags);
/* A packet is sent for the first time: it gets its number in the flow. */
void path_count_originated(struct world *world, struct packet *packet);
/* The stack of a machine takes it; it remains the caller's. */
void path_deliver(struct world *world, uint32_t node, const struct packet *packet);
void path_tell(struct world *world, uint32_t node, const struct packet *packet, enum step_kind kind, uint32_t flags,
	       const struct verdict *verdict, const struct tuple *before);
static inline bool vip_port_is_open(const struct translator *translator, uint8_t proto, uint16_t port)
{
	return proto == PROTO_TCP && (translator->open[port / 8] >> (port % 8) & 1) != 0;
}

/* ---- of traffic: stack.c, the stack of each machine ---- */
void machine_init(struct world *world);
void machine_input(struct world *world, uint32_t machine, struct packet *packet);
/* To the cache: what taking the call, and the end of TIME-WAIT, will touch. */
void machine_fetch_accept(const struct world *world, uint32_t machine, const struct packet *syn);
void time_wait_over(struct world *world, const struct event *timer); /* time_wait.c: the timer of a record is due */
void machine_fetch_end(const struct world *world, const struct event *timer);
void machine_fetch_last(const struct world *world,
			const struct tcb *tcb);             /* what the acknowledgment of its FIN will touch */
void machine_forget(struct world *world, uint32_t machine); /* all its TCBs: it is gone */
bool machine_listens(const struct world *world, const struct machine *machine, uint16_t port, uint8_t proto);
struct packet *packet_for(struct world *world, uint32_t connection);
/* ---- of traffic: crafted.c, packets that the scenario makes by hand ---- */
void crafted_send(struct world *world, uint32_t flow, size_t index);
/* One of these packets, or another of the flow, ends at a node; `verdict` NULL: the machine takes it. */
void crafted_ended(struct world *world, const struct packet *packet, uint32_t node, const struct verdict *verdict);
/* ---- of traffic: flows and connections ---- */
void connection_keepalive(struct world *world, uint32_t connection);
int flow_build(struct world *world);
int flow_start(struct world *world, uint32_t flow);
void flow_fetch_start(const struct world *world); /* to the cache: what the next flow_start() will touch */
void connection_hold_over(struct world *world, uint32_t connection);
void connection_pause_over(struct world *world, uint32_t connection);
void datagram_timeout(struct world *world, uint32_t connection, uint64_t attempt);
void ftp_retrieve(struct world *world, uint32_t connection); /* the server sends */
void call_timeout_first_look(struct world *world, uint32_t flow);
void call_timeout_look(struct world *world, uint32_t connection, uint64_t progress_before);

/* ---- small things of every packet ---- */
static inline struct connection *connection_at(const struct world *world, uint32_t connection)
{
	return &world->connection_chunks[connection >> CONNECTION_CHUNK_SHIFT]
					[connection & ((1u << CONNECTION_CHUNK_SHIFT) - 1)];
}
static inline struct resting_tcb *resting_tcb(const struct world *world, uint32_t number)
{
	return pool_at(&world->resting_tcbs, number & ~TCB_RESTS);
}
static inline struct tcb *machine_tcb(const struct world *world, uint32_t index)
{
	return pool_at(&world->tcbs, index);
}
/* When a connection started that has. */
static inline struct instant connection_started(const struct world *world, uint32_t flow, uint32_t index)
{
	const struct flow_config *config = &world->model->flows[flow];
	int64_t **starts_ns = world->flows[flow].starts_ns;
	if (starts_ns)
		return (struct instant){
			starts_ns[index >> CONNECTION_CHUNK_SHIFT][index & ((1u << CONNECTION_CHUNK_SHIFT) - 1)]};
	return (struct instant){arrivals_start_ns(config, world->seed, index)};
}
/* A step of a packet, where a flow is traced. */
static inline void path_step(struct world *world, uint32_t node, const struct packet *packet, enum step_kind kind,
			     uint32_t flags, const struct verdict *verdict, const struct tuple *before)
{
	if (trail_wanted(&world->trail, kind, packet))
		path_tell(world, node, packet, kind, flags, verdict, before);
}
static inline const struct flow_config *flow_of(const struct world *world, const struct connection *connection)
{
	return &world->model->flows[connection->flow];
}
static inline void world_fail(struct world *world, int error)
{
	if (error < 0 && world->error == 0)
		world->error = error;
}
#endif
