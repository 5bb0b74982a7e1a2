/* DOC: what a world can be asked: its points, and what became of connections, packets and mappings. Nothing here
 * changes anything. */
#include "network/balance.h"
#include <errno.h>
#include <string.h>

/* ---- points ---- */

uint32_t world_n_nodes(const struct world *world)
{
	return world->n_nodes;
}

const char *world_node_name(const struct world *world, uint32_t node)
{
	return world->nodes[node].name;
}

const char *world_node_description(const struct world *world, uint32_t node)
{
	return world->nodes[node].description;
}

bool world_node_is_end_point(const struct world *world, uint32_t node)
{
	return element_is_end_point(world->nodes[node].kind);
}

bool world_node_is_nat(const struct world *world, uint32_t node)
{
	return element_at(world->model, node)->nat;
}

const struct world_host_name *world_host_names(const struct world *world, size_t *ret_n)
{
	*ret_n = world->n_host_names;
	return world->host_names;
}

/* ---- connections and counts ---- */

uint32_t world_connection_number(const struct world *world, uint32_t flow, uint32_t index)
{
	return world->flows[flow].first_connection + index;
}

void world_connection(const struct world *world, uint32_t flow, uint32_t index, struct world_connection *ret)
{
	*ret = (struct world_connection){0};
	if (index >= world->flows[flow].next_start)
		return;
	const struct connection *c = connection_at(world, world_connection_number(world, flow, index));
	if (c->caller == NONE)
		return;
	const struct machine *caller = &world->machines[c->caller];
	*ret = (struct world_connection){
		.started = true,
		.outcome = (enum outcome)c->outcome,
		.started_at = connection_started(world, flow, index),
		.ended_at = c->ended,
		.loss = c->loss == NONE ? NULL : &world->losses[c->loss],
		.retransmissions = c->retransmissions,
		.from = world->nodes[caller->node].name,
		.from_addr = caller->addr,
		.from_port = c->from_port,
		.to_addr = c->to_addr,
		.to_port = c->to_port,
	};
}

void world_flow_counts(const struct world *world, uint32_t flow, struct world_counts *ret)
{
	const struct flow_state *f = &world->flows[flow];
	*ret = (struct world_counts){
		.originated = f->originated,
		.delivered = f->delivered,
		.dropped = f->dropped,
		.in_flight = f->originated - f->delivered - f->dropped,
		.translated = f->translated,
		.retransmissions = f->retransmissions,
	};
}

void world_counts(const struct world *world, struct world_counts *ret)
{
	/* in flight is counted where links take and pass on, not derived: the balance is a check */
	*ret = world->counts;
	ret->translated = ret->retransmissions = 0;
	for (uint32_t i = 0; i < world->model->n_flows; i++) {
		ret->translated += world->flows[i].translated;
		ret->retransmissions += world->flows[i].retransmissions;
	}
}

const char *world_called_name(const struct world *world, uint32_t flow)
{
	return world->flows[flow].dns_name;
}

/* ---- NATs ---- */

void world_nat_metrics(const struct world *world, uint32_t node, uint32_t worker, struct world_nat_metrics *ret)
{
	const struct translator *translator = translator_at(world, node);
	struct nat_metrics metrics;
	nat_metrics(translator->nat, worker, &metrics);
	*ret = (struct world_nat_metrics){
		.ports_in_use = metrics.ports_in_use,
		.ports_in_use_peak = metrics.ports_in_use_peak,
		.mappings = metrics.mappings,
		.mappings_total = metrics.mappings_total,
		.expired = metrics.expired,
		.exhausted = worker == NONE ? translator->exhausted : metrics.refused,
	};
}

uint32_t world_nat_n_sources(const struct world *world, uint32_t node)
{
	return nat_n_sources(translator_at(world, node)->nat);
}

uint32_t world_nat_number(const struct world *world, uint32_t node, uint32_t machine_node)
{
	const struct translator *translator = translator_at(world, node);
	const struct machine *machine = machine_at(world, machine_node);
	if (element_has_instances(translator->kind))
		return translate_owner(world, translator, machine);
	for (uint32_t i = 0; i < nat_n_sources(translator->nat); i++)
		if (be32_equal(nat_source(translator->nat, i), machine->addr))
			return i;
	return NONE;
}

be32 world_nat_source(const struct world *world, uint32_t node, uint32_t number)
{
	return nat_source(translator_at(world, node)->nat, number);
}

uint32_t world_workers(const struct world *world, uint32_t ase)
{
	return world->workers[ase];
}

bool world_app_runs(const struct world *world, uint32_t app, uint32_t worker)
{
	bool runs = world->app_on_all[app];
	for (size_t i = 0; !runs && i < world->app_n_on[app]; i++)
		runs = world->app_on[app][i] == worker;
	return runs && worker < world->workers[world->model->apps[app].ase];
}

be32 world_nat_address(const struct world *world, uint32_t node)
{
	return translator_at(world, node)->addr;
}

be32 world_nat_outside(const struct world *world, uint32_t node, uint32_t worker, be32 inside)
{
	return nat_address_of(translator_at(world, node)->nat, worker, inside);
}

bool world_nat_block(const struct world *world, uint32_t node, uint32_t worker, uint16_t *ret_first, uint32_t *ret_n)
{
	const struct translator *translator = translator_at(world, node);
	nat_block(translator->nat, worker, ret_first, ret_n);
	return element_has_instances(translator->kind) &&
	       (translator->kind != ELEMENT_VIP ||
		world->model->ases[translator->owner].snat.ports_per_worker != NAT_PORTS_SHARED);
}

struct flow_lister {
	const struct world *world;
	const struct translator *translator;
	int (*each)(void *context, const struct world_mapping *flow);
	void *context;
};

/* A flow as a mapping: inside it is the front end's, outside the VIP's. */
static int list_flow(void *context, const struct balanced_flow *flow)
{
	const struct flow_lister *lister = context;
	const struct translator *translator = lister->translator;
	const struct balancing *rule = &translator->balance->rules[flow->lane];
	struct world_mapping line = {
		.nat = lister->world->nodes[translator->node].name,
		.rule = rule->name,
		.inside = tuple_reverse(flow->arriving),
		.outside_addr = flow->arriving.dst,
		.outside_port = be16_to(flow->arriving.dst_port),
		.created = flow->created,
		.last_used = flow->last_used,
		.ended = INSTANT_NEVER,
		.packets = flow->packets,
		.bytes = flow->bytes,
		.ends = flows_end(translator->flows, flow),
		.state = "inbound",
		.node = translator->node,
		.worker = NONE,
		.place = rule->place,
		.flow = NONE,
	};
	if (be32_equal(flow->arriving.dst, translator->addr)) {
		line.inside.src = rule->floating ? translator->addr : lister->world->machines[flow->backend].addr;
		line.inside.src_port = rule->to == 0 ? line.inside.src_port : be16_from(rule->to);
	}
	return lister->each(lister->context, &line);
}

int world_each_balanced(const struct world *world, int (*each)(void *context, const struct world_mapping *flow),
			void *context)
{
	int r = 0;
	for (uint32_t i = 0; r == 0 && i < world->n_translators; i++) {
		struct flow_lister lister = {world, &world->translators[i], each, context};
		if (world->translators[i].flows)
			r = flows_each(world->translators[i].flows, world->now, list_flow, &lister);
	}
	return r;
}

uint32_t world_nat_usable(const struct world *world, uint32_t node, uint16_t first, uint16_t last)
{
	return nat_usable(translator_at(world, node)->nat, first, last);
}

static void describe(const struct translator *translator, const struct nat_mapping *mapping, uint32_t maker,
		     struct world_mapping *ret)
{
	const struct world *world = translator->world;
	*ret = (struct world_mapping){
		.nat = world->nodes[translator->node].name,
		.rule = translate_rule(translator),
		.inside = mapping->inside,
		.outside_addr = nat_outside_address(translator->nat, mapping),
		.outside_port = mapping->outside_port,
		.created = mapping->created,
		.last_used = mapping->last_used,
		.ended = INSTANT_NEVER,
		.packets = mapping->packets,
		.bytes = mapping->bytes,
		.state = nat_mapping_state(translator->nat, mapping),
		.node = translator->node,
		.worker = element_has_instances(translator->kind) ? nat_mapping_owner(translator->nat, mapping) : NONE,
		.place = translator->nat_place,
	};
	ret->timer = nat_mapping_timer(translator->nat, mapping, &ret->timer_ns);
	ret->flow = connection_at(world, maker)->flow;
	ret->index_in_flow = maker - world->flows[ret->flow].first_connection;
	if (nat_is_query(ret->inside.proto))
		ret->inside.proto = PROTO_ICMP;
}

void results_mapping(struct world *world, const struct translator *translator, const struct nat_mapping *mapping,
		     struct instant ended, const char *why)
{
	if (!world->nat_observer)
		return;
	struct world_mapping line;
	describe(translator, mapping, nat_mapping_maker(translator->nat, mapping), &line);
	line.ended = ended;
	line.why = why;
	line.ends = why ? ended : nat_mapping_ends(translator->nat, mapping);
	world_fail(world, world->nat_observer(world->nat_observer_context, &line));
}

struct mapping_lister {
	const struct translator *translator;
	void (*each)(void *context, const struct world_mapping *mapping);
	void *context;
};

static void list_mapping(void *context, const struct nat_mapping *mapping)
{
	const struct mapping_lister *lister = context;
	struct world_mapping line;
	describe(lister->translator, mapping, nat_mapping_maker(lister->translator->nat, mapping), &line);
	lister->each(lister->context, &line);
}

int world_each_mapping(const struct world *world, uint32_t node,
		       void (*each)(void *context, const struct world_mapping *mapping), void *context)
{
	struct mapping_lister lister = {translator_at(world, node), each, context};
	return nat_each(lister.translator->nat, list_mapping, &lister);
}

struct rest_lister {
	const struct translator *translator;
	int (*each)(void *context, const struct world_mapping *mapping);
	void *context;
	int r;
};

static void list_rest(void *context, const struct nat_resting *resting)
{
	struct rest_lister *lister = context;
	struct world_mapping line;
	describe(lister->translator, resting->mapping, resting->maker, &line);
	line.last_used = resting->since;
	line.ends = resting->until;
	line.state = "resting";
	line.timer = resting->timer;
	if (lister->r == 0)
		lister->r = lister->each(lister->context, &line);
}

int world_each_resting(const struct world *world, int (*each)(void *context, const struct world_mapping *mapping),
		       void *context)
{
	struct rest_lister lister = {.each = each, .context = context};
	for (uint32_t i = 0; i < world->n_translators && lister.r == 0; i++) {
		lister.translator = &world->translators[i];
		if (!lister.translator->borrows_nat && lister.translator->nat)
			nat_each_resting(lister.translator->nat, list_rest, &lister);
	}
	return lister.r;
}

bool world_mapping_of_arriving(const struct world *world, uint32_t node, const struct tuple *arriving,
			       struct world_mapping *ret)
{
	const struct translator *translator = translator_at(world, node);
	const struct nat_mapping *mapping = nat_mapping_of_arriving(translator->nat, arriving, world->now);
	if (mapping)
		describe(translator, mapping, nat_mapping_maker(translator->nat, mapping), ret);
	return mapping;
}

bool world_silent_flow(const struct world *world, uint32_t node, const struct tuple *tuple,
		       struct instant *ret_last_used)
{
	const struct translator *translator = translator_at(world, node);
	if (!translator->flows)
		return false;
	const struct balanced_flow *flow = flows_last(translator->flows, tuple);
	if (!flow) { /* an answer: the backend's address stands where the caller saw the VIP's */
		struct tuple arriving = tuple_reverse(*tuple);
		arriving.dst = translator->addr;
		flow = flows_last(translator->flows, &arriving);
	}
	if (flow)
		*ret_last_used = flow->last_used;
	return flow;
}

static void mapping_lives(void *context, const struct nat_mapping *mapping)
{
	const struct translator *translator = context;
	results_mapping(translator->world, translator, mapping, INSTANT_NEVER, NULL);
}

void world_observe_nat(struct world *world, int (*mapping)(void *context, const struct world_mapping *mapping),
		       void *context)
{
	world->nat_observer = mapping;
	world->nat_observer_context = context;
}

void world_observe_resets(struct world *world, int (*reset)(void *context, const struct world_reset *reset),
			  void *context)
{
	world->reset_observer = reset;
	world->reset_observer_context = context;
}

void results_reset(struct world *world, uint32_t node, uint32_t connection, int64_t idle_ns, const char *rule)
{
	if (!world->reset_observer)
		return;
	uint32_t flow = connection_at(world, connection)->flow;
	const struct world_reset reset = {.node = node,
					  .flow = flow,
					  .index_in_flow = connection - world->flows[flow].first_connection,
					  .idle_ns = idle_ns,
					  .rule = rule};
	world_fail(world, world->reset_observer(world->reset_observer_context, &reset));
}

int world_nat_flush(struct world *world)
{
	if (!world->nat_observer)
		return 0;
	for (uint32_t i = 0; i < world->n_translators; i++) {
		if (world->translators[i].borrows_nat)
			continue;
		int r = nat_each(world->translators[i].nat, mapping_lives, &world->translators[i]);
		if (r < 0)
			return r;
	}
	return world->error;
}
