/* DOC: what is left of a closed connection for the minute of TIME-WAIT. Of its TCB hardly a third counts then: who the
 * ends are, and the numbers of an acknowledgment that may be asked for again. So it moves into a record of a third of the
 * size, and its slot serves the next call. The table of connections finds the record by a number with TCB_RESTS set; a
 * segment that comes all the same brings the TCB back (time_wait_wake()). A record stays until its timer, whatever
 * became of the TCB: the timer then looks there. */
#include "traffic/traffic.h"
#include <errno.h>

_Static_assert(sizeof(struct resting_tcb) <= 48, "most of what a finished call still holds");

/* Nothing but TIME-WAIT: its owner asks for nothing any more, and nothing else needs it. */
static bool may_rest(const struct world *world, const struct tcb *tcb)
{
	const struct connection *connection = connection_at(world, tcb->connection);
	return connection->phase == PHASE_OVER && connection->flags == 0 && !flow_of(world, connection)->holds &&
	       (tcb->role == ROLE_CALLER || tcb->role == ROLE_SERVER) && !tcb->has_origin &&
	       connection->tcb[tcb->role] == tcb->index && tcp_is_at_rest(tcb);
}

uint32_t time_wait_begin(struct world *world, const struct tcb *tcb, struct instant due)
{
	if (!may_rest(world, tcb))
		return POOL_NONE;
	uint32_t number = pool_get(&world->resting_tcbs);
	if (number == POOL_NONE || number >= TCB_RESTS)
		return POOL_NONE; /* the TCB does as well */
	*resting_tcb(world, number) = (struct resting_tcb){
		.due = due,
		.connection = tcb->connection,
		.owner = tcb->owner,
		.local_addr = tcb->local_addr,
		.remote_addr = tcb->remote_addr,
		.local_port = tcb->local_port,
		.remote_port = tcb->remote_port,
		.snd_max = tcb->snd_max,
		.rcv_nxt = tcb->rcv_nxt,
		.woken = POOL_NONE,
		.ip_id = tcb->ip_id,
		.flags = tcb->flags,
		.role = tcb->role,
		.ttl = tcb->ttl,
	};
	connection_at(world, tcb->connection)->tcb[tcb->role] = POOL_NONE;
	return number | TCB_RESTS;
}

struct tcb *time_wait_wake(struct world *world, uint32_t number)
{
	struct resting_tcb *rest = resting_tcb(world, number);
	uint32_t index = pool_get(&world->tcbs);
	if (index == POOL_NONE) {
		world_fail(world, -ENOMEM);
		return NULL;
	}
	struct tcb *tcb = machine_tcb(world, index);
	*tcb = (struct tcb){
		.connection = rest->connection,
		.owner = rest->owner,
		.index = index,
		.local_addr = rest->local_addr,
		.remote_addr = rest->remote_addr,
		.local_port = rest->local_port,
		.remote_port = rest->remote_port,
		.role = rest->role,
		.ttl = rest->ttl,
		.max_syn_retries = TCP_MAX_RETRANSMISSIONS,
		.caller = rest->role == ROLE_CALLER,
		.ip_id = rest->ip_id,
	};
	tcp_wake(tcb, rest->snd_max, rest->rcv_nxt, rest->flags, rest->due);
	connection_at(world, rest->connection)->tcb[rest->role] = index;
	rest->owner = NONE;
	rest->woken = index;
	return tcb;
}

void time_wait_over(struct world *world, const struct event *timer)
{
	struct resting_tcb *rest = resting_tcb(world, timer->a);
	if (rest->owner != NONE)
		machine_forget_resting(world, timer->a);
	else if (rest->woken != POOL_NONE && machine_tcb(world, rest->woken)->owner != NONE &&
		 machine_tcb(world, rest->woken)->timer_at.ns == timer->at.ns)
		tcp_timer(&world->tcp, machine_tcb(world, rest->woken), world->now);
	pool_put(&world->resting_tcbs, timer->a & ~TCB_RESTS);
}
