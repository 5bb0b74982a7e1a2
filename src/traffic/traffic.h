/* Inside the traffic: what its files ask of each other. */
#ifndef PKTPATH_TRAFFIC_TRAFFIC_H
#define PKTPATH_TRAFFIC_TRAFFIC_H
#include "network/calls.h"

/* ---- stack.c: the stack of each machine ---- */
struct tcb *machine_call(struct world *world, uint32_t machine, uint32_t connection, enum role role, be32 to,
			 uint16_t to_port, uint8_t syn_retries);
/* A record of TIME-WAIT is not found any more. */
void machine_forget_resting(struct world *world, uint32_t number);
/* To the cache: what a call will touch. */
void machine_fetch_call(const struct world *world, uint32_t machine, be32 to, uint16_t to_port);
uint16_t machine_port(struct world *world, struct machine *machine, be32 to, uint16_t to_port);
/* In bytes of IP: what the machine knows of the path to this address. */
static inline uint32_t machine_path_mtu(const struct world *world, uint32_t machine, be32 to)
{
	return __builtin_expect(!world->path_mtus, 1) ? PATH_MTU_UNKNOWN
						      : path_mtu(world->path_mtus, machine, to, world->now);
}
/* ---- time_wait.c: what is left of a TCB in TIME-WAIT ---- */
/* The number of a record in the place of the TCB, which is not needed any more; POOL_NONE: it stays. */
uint32_t time_wait_begin(struct world *world, const struct tcb *tcb, struct instant due);
static inline bool time_wait_matches(const struct resting_tcb *rest, uint32_t machine, be16 local_port, be32 remote,
				     be16 remote_port)
{
	return rest->owner == machine && rest->local_port.raw == local_port.raw &&
	       rest->remote_addr.raw == remote.raw && rest->remote_port.raw == remote_port.raw;
}
/* A TCB again, of a new number; NULL where memory is short. */
struct tcb *time_wait_wake(struct world *world, uint32_t number);
/* ---- call_timeout.c ---- */
void call_timeout_init(struct world *world);
void call_timeout_begin(struct world *world, uint32_t flow); /* a connection of the flow calls */
/* ---- flow.c, conversation.c, relay.c, held_push.c, datagram.c ---- */
void connection_call(struct world *world, uint32_t connection); /* the address is known: open */
void connection_over(struct world *world, uint32_t connection, enum outcome outcome);
void connection_pause(struct world *world, uint32_t connection);
void conversation_event(void *context, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
void caller_send_turn(struct world *world, struct tcb *tcb);
const struct payload *turn_message(const struct world *world, const struct connection *connection, uint32_t turn);
void server_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
uint32_t turn_size(const struct world *world, const struct connection *connection, uint32_t turn);
void relay_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
void held_push_start(struct world *world, uint32_t flow);
void held_push_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
void datagram_start(struct world *world, uint32_t connection);
void datagram_input(struct world *world, uint32_t machine, struct packet *packet);
void dns_start(struct world *world, uint32_t connection);
void datagram_refused(struct world *world, uint32_t machine, const struct packet *packet);
/* The worker whose turn it is among those that run the app and are up; NONE. */
uint32_t app_worker(const struct world *world, uint32_t app, uint32_t turn);
/* ---- keepalive.c ---- */
void keepalive_plan(struct world *world);
int keepalive_build(struct world *world, struct flow_state *flow, const struct flow_config *config);
void keepalive_note_said(struct world *world, const struct tcb *tcb);
/* Its end sends or gets a segment. */
static inline void keepalive_note(struct world *world, const struct tcb *tcb)
{
	if (__builtin_expect(world->flows_keep_alive, 0))
		keepalive_note_said(world, tcb);
}
void keepalive_begin(struct world *world, uint32_t connection); /* it is open */
/* ---- socket.c: UDP flows that keep their socket ---- */
void socket_open(struct world *world, uint32_t connection);
bool socket_is_open(const struct world *world, uint32_t machine, uint16_t port);
/* A datagram of another connection arrived with this tuple: calls that it answers are done. */
void socket_hear(struct world *world, uint32_t machine, const struct tuple *tuple);
/* The called end has a datagram of the connection, as it arrived. */
void socket_seen(struct world *world, uint32_t connection, uint32_t machine, const struct tuple *tuple);
/* A late push on a UDP flow; false where its socket never opened, or the called end has seen nothing. */
bool socket_push(struct world *world, uint32_t push, uint32_t held, bool by_caller);
void datagram_round_done(struct world *world, uint32_t connection);
void datagram_push(struct world *world, uint32_t connection, bool by_caller);
/* The called end has them from here: a late push by it goes back there. */
void socket_note_origin(struct world *world, uint32_t connection, uint32_t origin);
/* ---- origin.c: calls that came to a platform service with a private source ---- */
void origin_keep(struct world *world, struct tcb *tcb, uint32_t origin);
/* NONE: it has none. */
static inline uint32_t origin_of(const struct packet *packet)
{
	return __builtin_expect((packet->flags & PACKET_PRIVATE_CALL) != 0, 0) ? packet->origin : NONE;
}
static inline uint32_t origin_of_tcb(const struct world *world, const struct tcb *tcb)
{
	return __builtin_expect(tcb->has_origin, 0) ? world->origins[tcb->index] : NONE;
}
/* ---- crafted.c: packets that the scenario makes by hand ---- */
int crafted_build(struct world *world, struct flow_state *state, const struct flow_config *config);
void crafted_start(struct world *world, uint32_t connection);
/* A packet of such a flow at the stack of a machine: true where it is one of the flow's ends, which takes it and does not
 * answer. */
bool crafted_arrived(struct world *world, uint32_t machine, struct packet *packet);
/* ---- ftp.c: TCP calls to port 21 ---- */
bool ftp_is_spoken(const struct flow_config *config);
int ftp_build(struct world *world, struct flow_state *flow, const struct flow_config *config);
bool ftp_start(struct world *world, uint32_t connection); /* false where memory is short */
void ftp_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
/* A segment comes in that may name an address. */
void ftp_hear(struct world *world, const struct tcb *tcb, const struct packet *packet);
void ftp_pause_over(struct world *world, uint32_t connection);
uint64_t ftp_progress(const struct world *world, uint32_t connection);
void ftp_give_up(struct world *world, uint32_t connection); /* the call timed out */
enum role ftp_awaits_data(const struct world *world, uint32_t connection, uint32_t machine,
			  uint16_t port); /* a SYN to its passive port */
uint32_t *ftp_data_tcb(struct world *world, uint32_t connection,
		       enum role role); /* where the TCB of a data role is kept */
void ftp_tcb_gone(struct world *world, const struct tcb *tcb);
#endif
