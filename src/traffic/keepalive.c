/* DOC: `keepalive` of a flow: while nothing is said on its connection the caller sends a segment that the other end
 * answers, which NATs and balancers on the way see. It goes on as long as the call does; on a connection that is held open,
 * up to the last thing that the scenario has planned, so that a run ends that has nothing else to do. */
#include "traffic/traffic.h"
#include <errno.h>

static void later(struct instant *last, int64_t at_ns)
{
	if (last->ns < at_ns)
		last->ns = at_ns;
}

void keepalive_plan(struct world *world)
{
	const struct model *model = world->model;
	for (size_t i = 0; i < model->n_flows; i++) {
		const struct flow_config *flow = &model->flows[i];
		later(&world->last_planned, flow->at_ns + (int64_t)(flow->count - 1) * flow->every_ns);
	}
	for (size_t i = 0; i < model->n_events; i++)
		later(&world->last_planned, model->events[i].at_ns);
	for (size_t i = 0; i < model->n_expects; i++)
		if (model->expects[i].has_at)
			later(&world->last_planned, model->expects[i].at_ns);
	if (model->has_stop)
		later(&world->last_planned, model->stop_ns);
}

int keepalive_build(struct world *world, struct flow_state *flow, const struct flow_config *config)
{
	if (config->keepalive_ns == 0)
		return 0;
	world->flows_keep_alive = world->sends_differ = true;
	flow->last_said = arena_array(world->arena, config->count, sizeof *flow->last_said);
	return flow->last_said ? 0 : -ENOMEM;
}

static struct instant *last_said(const struct world *world, uint32_t id)
{
	const struct flow_state *flow = &world->flows[connection_at(world, id)->flow];
	return &flow->last_said[id - flow->first_connection];
}

static void arm(struct world *world, uint32_t id, const struct tcb *tcb)
{
	const struct connection *connection = connection_at(world, id);
	uint32_t node = world->machines[tcb->owner].node;
	struct event event = {.at = instant_add(*last_said(world, id), flow_of(world, connection)->keepalive_ns),
			      .key = event_key(node, node),
			      .kind = WHAT_KEEPALIVE,
			      .a = id};
	if (connection->phase != PHASE_OVER || !instant_before(world->last_planned, event.at))
		world_fail(world, queue_push(&world->queue, event));
}

void keepalive_note_said(struct world *world, const struct tcb *tcb)
{
	if (tcb->role == ROLE_CALLER && world->flows[connection_at(world, tcb->connection)->flow].last_said)
		*last_said(world, tcb->connection) = world->now;
}

void keepalive_begin(struct world *world, uint32_t id)
{
	const struct connection *connection = connection_at(world, id);
	if (__builtin_expect(!!world->flows[connection->flow].last_said, 0) &&
	    connection->tcb[ROLE_CALLER] != POOL_NONE)
		arm(world, id, machine_tcb(world, connection->tcb[ROLE_CALLER]));
}

void connection_keepalive(struct world *world, uint32_t id)
{
	const struct connection *connection = connection_at(world, id);
	uint32_t index = connection->tcb[ROLE_CALLER];
	if (index == POOL_NONE)
		return; /* it is closed, or a late push has it */
	struct tcb *tcb = machine_tcb(world, index);
	if (tcb->state != TCP_ESTABLISHED)
		return;
	int64_t silent_ns = instant_since(world->now, *last_said(world, id));
	if (silent_ns >= flow_of(world, connection)->keepalive_ns)
		tcp_keepalive(&world->tcp, tcb);
	arm(world, id, tcb);
}
