/* DOC: a caller gives up on a TCP connection that makes no progress. Each is looked at every 240 s since it started,
 * until its outcome is known; a look that finds it where the last one left it ends the call: it timed out.
 * Azure's front ends wait 230 s; ours wait between one and two looks.
 *
 * Most connections are over long before their first look. So first looks have no event of their own: a flow keeps one,
 * for the earliest of its connections that was not looked at, and passes over those that are over (they started in
 * order, and an outcome is final). Only the few that are still under way then get an event each. */
#include "traffic/traffic.h"

#define CALL_TIMEOUT_NS (240 * NS_PER_S)
#define NO_LOOK_YET UINT64_MAX /* no progress equals it */

void call_timeout_init(struct world *world)
{
	world->lane_call_timeout = queue_lane(&world->queue, CALL_TIMEOUT_NS);
}

static uint64_t key_of(const struct world *world, const struct connection *connection)
{
	uint32_t node = world->machines[connection->caller].node;
	return event_key(node, node);
}

static void look_again_later(struct world *world, uint32_t id, uint64_t progress)
{
	struct event event = {
		.key = key_of(world, connection_at(world, id)), .kind = WHAT_CALL_TIMEOUT, .a = id, .b = progress};
	world_fail(world, queue_push_lane(&world->queue, world->lane_call_timeout, world->now, event));
}

void call_timeout_look(struct world *world, uint32_t id, uint64_t progress_before)
{
	struct connection *connection = connection_at(world, id);
	if (connection->phase == PHASE_DNS) {
		look_again_later(world, id, NO_LOOK_YET);
		return;
	}
	if (connection->phase != PHASE_RUNNING)
		return;
	if (connection->tcb[ROLE_CALLER] == POOL_NONE) {
		connection_over(world, id, OUTCOME_RESET); /* the caller itself is gone */
		return;
	}
	struct tcb *tcb = machine_tcb(world, connection->tcb[ROLE_CALLER]);
	bool is_ftp = (connection->flags & CONNECTION_FTP) != 0;
	uint64_t progress = is_ftp ? ftp_progress(world, id) : (uint64_t)tcb->turn << 32 | tcb->turn_bytes;
	if (progress == progress_before && !(connection->flags & CONNECTION_PAUSED)) {
		connection_over(world, id, OUTCOME_TIMED_OUT);
		if (is_ftp)
			ftp_give_up(world, id);
		tcp_abort(&world->tcp, tcb, world->now);
		return;
	}
	look_again_later(world, id, progress);
}

/* ---- first looks ---- */

/* For the earliest connection that one has to look at. The last that has started stands for those to come, though it
 * may be over. */
static void schedule_first_look(struct world *world, uint32_t flow_index)
{
	struct flow_state *flow = &world->flows[flow_index];
	const struct connection *connection = connection_at(world, flow->first_connection + flow->next_look);
	while (flow->next_look + 1 < flow->next_start &&
	       (connection->caller == NONE || connection->phase == PHASE_OVER))
		connection = connection_at(world, flow->first_connection + ++flow->next_look);
	if (connection->caller == NONE)
		return;
	struct event event = {
		.at = instant_add(connection_started(world, flow_index, flow->next_look), CALL_TIMEOUT_NS),
		.key = key_of(world, connection),
		.kind = WHAT_FIRST_LOOK,
		.a = flow_index};
	flow->look_is_due = true;
	world_fail(world, queue_push(&world->queue, event));
}

void call_timeout_begin(struct world *world, uint32_t flow_index)
{
	if (!world->flows[flow_index].look_is_due)
		schedule_first_look(world, flow_index);
}

void call_timeout_first_look(struct world *world, uint32_t flow_index)
{
	struct flow_state *flow = &world->flows[flow_index];
	flow->look_is_due = false;
	call_timeout_look(world, flow->first_connection + flow->next_look++, NO_LOOK_YET);
	if (flow->next_look < flow->next_start)
		schedule_first_look(world, flow_index);
}
