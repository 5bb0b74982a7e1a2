/* DOC: a world is a model come to life: nodes with stacks, NATs, links, and an event queue that drives them. Time goes
 * from event to event; everything between two links happens in one event. Whatever goes wrong inside a callback that
 * cannot return it (memory, an observer's disk) is kept in `error`, and the run ends with it. */
#include "base/fetch.h"
#include "network/drive.h"
#include "rule/session.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The address sanitizer's world and ours are the same: all that a run needs hangs on the world and goes with it. */
struct world *world_free(struct world *world)
{
	if (!world)
		return NULL;
	for (uint32_t i = 0; world->translators && i < world->n_translators; i++) {
		fragments_free(&world->translators[i]);
		device_free(&world->translators[i]);
		flows_free(world->translators[i].flows);
		ftp_gateway_free(&world->translators[i]);
		if (!world->translators[i].borrows_nat)
			nat_free(world->translators[i].nat);
	}
	for (uint32_t i = 1; i < world->tcbs.n_used; i++) {
		struct tcb *tcb = machine_tcb(world, i);
		if (tcb->owner != NONE)
			tcp_deinit(tcb);
	}
#define KIND_CLOSE_ALL(KIND, kind, article, words, schema, help, stands) close_##kind(world);
	NETWORK_KINDS(KIND_CLOSE_ALL)
	slab_deinit(&world->connection_slab);
	free(world->connection_chunks);
	pool_deinit(&world->tcbs);
	pool_deinit(&world->resting_tcbs);
	free(world->demux);
	free(world->losses);
	for (uint32_t i = 0; i < world->n_outgoing; i++)
		packets_put(&world->packets, world->outgoing[i].packet);
	free(world->outgoing);
	free(world->sockets);
	free(world->origins);
	free(world->edges);
	free(world->lines);
	free(world->addresses.slots);
	for (uint32_t i = 0; world->machines && i < world->n_machines; i++)
		sessions_free(world->machines[i].sessions);
	records_free(world->records);
	records_free(world->public_flows);
	flows_free(world->private_calls);
	order_free(world->order);
	path_mtus_free(world->path_mtus);
	free(world->health);
	queue_deinit(&world->queue);
	packets_deinit(&world->packets);
	reassembly_free(world->reassembly);
	arena_free(world->arena);
	free(world);
	return NULL;
}

static int schedule_start(struct world *world)
{
	for (uint32_t i = 0; i < world->model->n_flows; i++) {
		struct event event = {.at = {world->model->flows[i].at_ns},
				      .key = event_key(UINT32_MAX, i),
				      .kind = WHAT_FLOW_START,
				      .a = i};
		int r = queue_push(&world->queue, event);
		if (r < 0)
			return r;
	}
	/* Before any packet or flow of the same instant: key 0, in the order of the file. */
	for (uint32_t i = 0; i < world->model->n_events; i++) {
		struct event event = {.at = {world->model->events[i].at_ns}, .key = 0, .kind = WHAT_TIMELINE, .a = i};
		int r = queue_push(&world->queue, event);
		if (r < 0)
			return r;
	}
	return 0;
}

int world_new(const struct model *model, uint64_t seed, struct world **ret)
{
	struct world *world = calloc(1, sizeof *world);
	if (!world)
		return -ENOMEM;
	world->model = model;
	world->seed = seed;
	world->stop = model->has_stop ? (struct instant){model->stop_ns} : INSTANT_NEVER;
	queue_init(&world->queue);
	packets_init(&world->packets);
	pool_init(&world->tcbs, sizeof(struct tcb));
	pool_init(&world->resting_tcbs, sizeof(struct resting_tcb));
	world->arena = arena_new();
	char errbuf[256];
	int r = world->arena ? craft_init(&world->craft, errbuf) : -ENOMEM;
	if (r == 0)
		r = reassembly_new(&world->reassembly);
	if (r == 0)
		r = world_build(world);
	if (r == 0)
		r = shortcuts_build(world);
	if (r == 0)
		r = flow_build(world);
	if (r == 0)
		r = schedule_start(world);
	if (r == 0)
		r = health_note(world);
	if (r < 0) {
		world_free(world);
		return r;
	}
	*ret = world;
	return 0;
}

struct trail *world_trail(struct world *world)
{
	return &world->trail;
}

struct instant world_now(const struct world *world)
{
	return world->now;
}

static void tcp_timer_due(struct world *world, const struct event *event)
{
	if (event->a & TCB_RESTS) {
		time_wait_over(world, event);
		return;
	}
	struct tcb *tcb = machine_tcb(world, event->a);
	/* A slot that was given to another connection since has a timer of its own: tcp_timer() finds this call too
	 * early. */
	if (tcb->owner != NONE && tcb->timer_at.ns == event->at.ns)
		tcp_timer(&world->tcp, tcb, world->now);
}

static int kind_timer(struct world *world, uint32_t node)
{
	enum element_kind of = world->nodes[node].kind;
#define KIND_TIMER_OF(KIND, kind, article, words, schema, help, stands)                                                \
	if (of == ELEMENT_##KIND)                                                                                      \
		return timer_##kind(world, node);
	NETWORK_KINDS(KIND_TIMER_OF)
	return -EINVAL;
}

static int dispatch(struct world *world, const struct event *event)
{
	switch ((enum event_what)event->kind) {
	case WHAT_ARRIVAL:
		drive_arrived(world, (uint32_t)(event->key >> 32), event->object);
		return 0;
	case WHAT_TCP_TIMER:
		tcp_timer_due(world, event);
		return 0;
	case WHAT_NAT_TIMER:
		return translate_timer(world, event->a);
	case WHAT_FLOW_START: {
		int r = flow_start(world, event->a);
		flow_fetch_start(world);
		return r;
	}
	case WHAT_TIMELINE: {
		balance_sync(world);
		int r = timeline_apply(world, event->a);
		world->era++;
		balance_probe(world);
		return r < 0 ? r : health_note(world);
	}
	case WHAT_PAUSE_OVER:
		connection_pause_over(world, event->a);
		return 0;
	case WHAT_HOLD_OVER:
		connection_hold_over(world, event->a);
		return 0;
	case WHAT_CALL_TIMEOUT:
		call_timeout_look(world, event->a, event->b);
		return 0;
	case WHAT_FIRST_LOOK:
		call_timeout_first_look(world, event->a);
		return 0;
	case WHAT_DATAGRAM_TIMEOUT:
		datagram_timeout(world, event->a, event->b);
		return 0;
	case WHAT_FTP_RETRIEVAL:
		ftp_retrieve(world, event->a);
		return 0;
	case WHAT_NAT_RESET:
		drive(world, reset_begin(world, event->a, event->object), event->object);
		return 0;
	case WHAT_KEEPALIVE:
		connection_keepalive(world, event->a);
		return 0;
	case WHAT_CRAFTED:
		crafted_send(world, event->a, (size_t)event->b);
		return 0;
	case WHAT_FRAGMENT_TIMER:
		fragments_timer(world, event->a);
		return 0;
	case WHAT_KIND_TIMER:
		return kind_timer(world, event->a);
	case WHAT_BALANCE_TIMER:
		return balance_timer(world, event->a);
	}
	return -EINVAL;
}

/* With a million connections what an event touches is in no cache. Much of it is known some events before, one step of
 * memory after the other: the packet and its connection (or the TCB), then the ends and the mapping of the connection,
 * then the slot of an end that goes. */
#define FETCH_FIRST 12
#define FETCH_ENDS 6
#define FETCH_SLOT 2

static void fetch_tcb(const struct world *world, uint32_t index)
{
	const char *tcb = (const char *)machine_tcb(world, index);
	for (size_t at = 0; at < sizeof(struct tcb); at += 64)
		fetch_line(tcb + at);
	fetch_line(tcb + sizeof(struct tcb) - 1);
}

static enum role far_role(const struct packet *packet)
{
	return packet->flags & PACKET_FROM_CALLER ? ROLE_SERVER : ROLE_CALLER;
}

static void fetch_first(const struct world *world, const struct event *event)
{
	if (event->kind == WHAT_ARRIVAL) {
		fetch_line(event->object);
		fetch_line((const char *)event->object + 64);
		fetch_line(connection_at(world, event->a));
	} else if (event->kind == WHAT_TCP_TIMER && (event->a & TCB_RESTS)) {
		fetch_line(resting_tcb(world, event->a));
	} else if (event->kind == WHAT_TCP_TIMER) {
		fetch_tcb(world, event->a);
	}
}

static void fetch_ends(const struct world *world, const struct event *event)
{
	if (event->kind == WHAT_TCP_TIMER)
		machine_fetch_end(world, event);
	if (event->kind != WHAT_ARRIVAL)
		return;
	const struct packet *packet = event->object;
	const struct connection *connection = connection_at(world, event->a);
	const struct node *node = &world->nodes[event->key >> 32];
	uint32_t tcb = connection->tcb[far_role(packet)];
	if (element_is_nat_alone(node->kind))
		nat_fetch(world->translators[node->index].nat, connection->mapping);
	if (tcb != POOL_NONE)
		fetch_tcb(world, tcb);
	else if (element_is_end_point(node->kind) && (packet->flags & PACKET_OPENING))
		machine_fetch_accept(world, node->index, packet);
}

static void fetch_slot(const struct world *world, const struct event *event)
{
	if (event->kind != WHAT_ARRIVAL)
		return;
	uint32_t tcb = connection_at(world, event->a)->tcb[far_role(event->object)];
	if (tcb != POOL_NONE)
		machine_fetch_last(world, machine_tcb(world, tcb));
}

static void fetch_ahead(const struct world *world)
{
	const struct queue_lane *lane = queue_present_lane(&world->queue);
	const struct event *event;
	if (!lane)
		return;
	if ((event = queue_ahead(lane, FETCH_FIRST)))
		fetch_first(world, event);
	if ((event = queue_ahead(lane, FETCH_ENDS)))
		fetch_ends(world, event);
	if ((event = queue_ahead(lane, FETCH_SLOT)))
		fetch_slot(world, event);
}

int world_run(struct world *world, struct instant until, uint64_t max_events)
{
	struct instant end = instant_min(until, world->stop);
	for (uint64_t i = 0; i < max_events; i++) {
		struct event event;
		if (!queue_pop_until(&world->queue, end, &event)) {
			if (instant_is_never(queue_next(&world->queue)))
				return 1;
			world->now = end;
			return instant_before(until, world->stop) ? 0 : 1;
		}
		fetch_ahead(world);
		world->now = event.at;
		world->counts.events++;
		int r = dispatch(world, &event);
		drive_outgoing(world);
		if (r < 0)
			return r;
		if (world->error < 0)
			return world->error;
		if (__builtin_expect(world->trail.error < 0, 0))
			return world->trail.error;
	}
	return 0;
}
