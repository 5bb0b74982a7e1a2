/* DOC: what a run exercised of its scenario. An observer of the trail counts, for each rule, route, NAT, machine, flow and event of the
 * file, the packets that it matched; for each reason the packets that were lost for it; for each kind of element the packets that
 * came by; for each NAT which of its states it was in. A rule or route that was asked and decided nothing was passed by: a later
 * rule of its group, or the platform's, decided; another route of its machine's won. */
#include "facade/facade.h"
#include "model/decided_by.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct item {
	pp_cover_line line;
	const char *by; /* as verdicts name its group or table; NULL */
	uint32_t index; /* of that */
	uint32_t priority;
	enum nsg_direction direction;
	uint32_t node; /* whose packets are counted; NONE */
};

/* Of a node: what it is, and whose routes it asks. */
struct node_kind {
	enum element_kind kind;
	uint32_t table; /* NONE */
	uint32_t nat;   /* in nats; NONE */
	uint32_t item;  /* NONE */
};

enum nat_state { NAT_CREATED, NAT_REUSED, NAT_EXPIRED, NAT_EXHAUSTED, NAT_FILTERED, NAT_HAIRPIN, NAT_STATE_COUNT };
static const char *const nat_state_names[] = {"created", "reused", "expired", "exhausted", "filtered", "hairpin"};
_Static_assert(sizeof nat_state_names / sizeof *nat_state_names == NAT_STATE_COUNT, "a name for each state");

struct nat_watch {
	const char *name;
	uint32_t node;
	uint64_t states[NAT_STATE_COUNT];
};

struct pp_cover {
	struct pp_run *run;
	struct arena *arena;
	struct item *items;
	size_t n_items, capacity_items;
	struct node_kind *nodes;
	uint64_t *asked_tables; /* by route table: packets that looked for a route */
	uint64_t *platform;     /* by group and direction: packets that the platform's rules matched */
	uint64_t reasons[REASON_COUNT];
	uint64_t elements[ELEMENT_KIND_COUNT];
	struct nat_watch *nats;
	size_t n_nats;
	pp_cover_fact *facts;
	size_t n_facts;
	bool failed;
};

/* ---- what there is ---- */

static struct item *add(struct pp_cover *cover, const char *kind, const char *name, struct place place)
{
	if (!place.file || place.line == 0)
		return NULL;
	if (cover->n_items == cover->capacity_items) {
		size_t capacity = cover->capacity_items ? 2 * cover->capacity_items : 64;
		struct item *grown = realloc(cover->items, capacity * sizeof *grown);
		if (!grown) {
			cover->failed = true;
			return NULL;
		}
		cover->items = grown;
		cover->capacity_items = capacity;
	}
	struct item *item = &cover->items[cover->n_items++];
	*item = (struct item){.line = {.file = place.file, .line = place.line, .kind = kind, .name = name},
			      .node = NONE};
	cover->failed |= !name;
	return item;
}

static bool has_rule(const struct pp_cover *cover, const char *by, const char *name)
{
	for (size_t i = 0; i < cover->n_items; i++)
		if (cover->items[i].by && strcmp(cover->items[i].by, by) == 0 &&
		    strcmp(cover->items[i].line.name, name) == 0)
			return true;
	return false;
}

static void add_rules(struct pp_cover *cover, uint32_t nsg, const struct nsg_rules *rules)
{
	const char *by = cover->run->model->nsgs[nsg].by;
	for (size_t direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < rules->n[direction]; i++) {
			const struct nsg_rule *rule = &rules->rules[direction][i];
			struct item *item =
				has_rule(cover, by, rule->name) ? NULL : add(cover, "rule", rule->name, rule->place);
			if (!item)
				continue;
			item->by = by;
			item->index = nsg;
			item->priority = rule->priority;
			item->direction = (enum nsg_direction)direction;
		}
}

static void add_routes(struct pp_cover *cover, uint32_t table, const struct route *routes, size_t n)
{
	const char *by = cover->run->model->route_tables[table].by;
	for (size_t i = 0; i < n; i++) {
		struct item *item = has_rule(cover, by, routes[i].name)
					    ? NULL
					    : add(cover, "route", routes[i].name, routes[i].place);
		if (!item)
			continue;
		item->by = by;
		item->index = table;
	}
}

static void add_at(struct pp_cover *cover, const char *kind, const char *name, struct place place, uint32_t node)
{
	struct item *item = add(cover, kind, name, place);
	if (!item)
		return;
	item->node = node;
	cover->nodes[node].item = (uint32_t)(item - cover->items);
}

/* What comes by a front end or a worker comes by its environment. */
static void share_environment(struct pp_cover *cover, uint32_t i)
{
	const struct ase_config *ase = &cover->run->model->ases[i];
	uint32_t vip = cover->run->model->elements->vip[i];
	for (uint32_t k = 1; k <= ase->front_ends + ase->max_workers; k++)
		cover->nodes[vip + k].item = cover->nodes[vip].item;
}

/* What comes by an instance or the outbound addresses of a web app comes by the app. */
static void add_web_apps(struct pp_cover *cover)
{
	const struct model *model = cover->run->model;
	for (uint32_t i = 0; i < model->n_web_apps; i++) {
		uint32_t app = model->elements->of_kind[KIND_WEB_APP][i], outbound = web_app_outbound(model, i);
		add_at(cover, "web app", model->web_apps[i].name, model->web_apps[i].place, app);
		for (uint32_t k = 0; k <= model->web_apps[i].instances; k++)
			cover->nodes[outbound + k].item = cover->nodes[app].item;
	}
}

static void gather(struct pp_cover *cover)
{
	const struct model *model = cover->run->model;
	for (uint32_t i = 0; i < model->n_nsgs; i++)
		add_rules(cover, i, &model->nsgs[i].rules);
	for (uint32_t i = 0; i < model->n_route_tables; i++)
		add_routes(cover, i, model->route_tables[i].routes, model->route_tables[i].n_routes);
	for (size_t i = 0; i < model->n_events; i++) {
		const struct event_config *event = &model->events[i];
		if (event->kind == EVENT_NSG)
			add_rules(cover, event->nsg, &event->rules);
		if (event->kind == EVENT_ROUTE)
			add_routes(cover, event->route_table, event->routes, event->n_routes);
	}
	for (uint32_t i = 0; i < model->n_ases; i++)
		add_at(cover, "environment", model->ases[i].name, model->ases[i].place, model->elements->vip[i]);
	for (uint32_t i = 0; i < model->n_ases; i++)
		share_environment(cover, i);
	for (uint32_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_nat)
			add_at(cover, "site NAT", model->sites[i].name, model->sites[i].place, model->elements->nat[i]);
	for (uint32_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_gateway)
			add_at(cover, "gateway", model->sites[i].name, model->sites[i].gateway_place,
			       model->elements->gateway[i]);
	add_web_apps(cover);
	for (uint32_t i = 0; i < model->n_hosts; i++)
		add_at(cover, "host", model->hosts[i].name, model->hosts[i].place, model->elements->host[i]);
	for (uint32_t i = 0; i < model->n_flows; i++)
		(void)add(cover, "flow", model->flows[i].name, model->flows[i].place);
	for (size_t i = 0; i < model->n_events; i++)
		(void)add(cover, "event", arena_printf(cover->arena, "event %zu", i), model->events[i].place);
}

/* ---- while the run goes on ---- */

static void count_rule(struct pp_cover *cover, const struct step *step)
{
	const struct verdict *v = &step->verdict;
	for (size_t i = 0; i < cover->n_items; i++) {
		struct item *item = &cover->items[i];
		if (item->by && strcmp(item->by, v->by) == 0 && strcmp(item->line.name, v->rule) == 0) {
			item->line.decided++;
			return;
		}
	}
	uint32_t nsg = decided_by(cover->run->model, BY_GROUP, v->by);
	if (nsg != NONE)
		cover->platform[nsg * NSG_DIRECTION_COUNT +
				(step->flags & STEP_INBOUND ? NSG_INBOUND : NSG_OUTBOUND)]++;
}

static void count_nat(struct pp_cover *cover, const struct step *step, struct nat_watch *nat)
{
	bool source =
		step->before.src.raw != step->after.src.raw || step->before.src_port.raw != step->after.src_port.raw;
	if (step->kind == STEP_DROP)
		nat->states[NAT_FILTERED] +=
			step->verdict.reason == REASON_FILTERED || step->verdict.reason == REASON_NO_MAPPING;
	if (step->kind == STEP_TRANSLATE && source &&
	    step->before.dst.raw == world_nat_address(cover->run->world, nat->node).raw)
		nat->states[NAT_HAIRPIN]++;
}

static int watch(void *context, const struct step *step)
{
	struct pp_cover *cover = context;
	const struct node_kind *node = &cover->nodes[step->node];
	cover->elements[node->kind]++;
	if (node->item != NONE && step->kind != STEP_DROP)
		cover->items[node->item].line.decided++;
	if (step->kind == STEP_DROP)
		cover->reasons[step->verdict.reason]++;
	if (step->kind == STEP_ROUTE && node->table != NONE)
		cover->asked_tables[node->table]++;
	if (step->verdict.rule && (step->kind == STEP_FILTER || step->kind == STEP_ROUTE || step->kind == STEP_DROP))
		count_rule(cover, step);
	if (node->nat != NONE && (step->kind == STEP_TRANSLATE || step->kind == STEP_DROP))
		count_nat(cover, step, &cover->nats[node->nat]);
	return 0;
}

static int watch_mapping(void *context, const struct world_mapping *mapping)
{
	struct pp_cover *cover = context;
	uint32_t nat = cover->nodes[mapping->node].nat;
	if (nat == NONE)
		return 0;
	cover->nats[nat].states[NAT_CREATED]++;
	cover->nats[nat].states[NAT_REUSED] += mapping->packets > 1 ? mapping->packets - 1 : 0;
	return 0;
}

int pp_cover_new(pp_run *run, pp_cover **ret)
{
	*ret = NULL;
	if (run->begun)
		return -EINVAL;
	struct arena *arena = arena_new();
	struct pp_cover *cover = arena ? arena_alloc(arena, sizeof *cover) : NULL;
	if (!cover) {
		arena_free(arena);
		return -ENOMEM;
	}
	uint32_t n_nodes = world_n_nodes(run->world);
	const struct model *model = run->model;
	*cover = (struct pp_cover){
		.run = run,
		.arena = arena,
		.nodes = arena_array(arena, n_nodes + 1, sizeof *cover->nodes),
		.nats = arena_array(arena, n_nodes + 1, sizeof *cover->nats),
		.asked_tables = arena_array(arena, model->n_route_tables + 1, sizeof *cover->asked_tables),
		.platform = arena_array(arena, model->n_nsgs * NSG_DIRECTION_COUNT + 1, sizeof *cover->platform),
	};
	*ret = cover;
	if (!cover->nodes || !cover->nats || !cover->asked_tables || !cover->platform)
		return -ENOMEM;
	for (uint32_t i = 0; i < n_nodes; i++) {
		const struct element *element = element_at(model, i);
		cover->nodes[i] = (struct node_kind){
			.kind = element->kind,
			.table = element->subnet == NONE ? NONE : model->subnets[element->subnet].routes,
			.nat = element->nat ? (uint32_t)cover->n_nats : NONE,
			.item = NONE};
		if (element->nat)
			cover->nats[cover->n_nats++] = (struct nat_watch){.name = element->name, .node = i};
	}
	gather(cover);
	if (cover->failed)
		return -ENOMEM;
	run->watch_mapping = watch_mapping;
	run->watch_context = cover;
	facade_observe_nat(run);
	return trail_observe(
		world_trail(run->world),
		(struct trail_observer){.wants = (1u << STEP_KIND_COUNT) - 1, .step = watch, .context = cover});
}

void pp_cover_free(pp_cover *cover)
{
	if (!cover)
		return;
	free(cover->items);
	arena_free(cover->arena);
}

/* ---- the end ---- */

/* Packets of its group and direction that matched a rule behind it. */
static uint64_t passed_by(const struct pp_cover *cover, const struct item *rule)
{
	uint64_t n = 0;
	for (size_t i = 0; i < cover->n_items; i++) {
		const struct item *other = &cover->items[i];
		if (other->by && strcmp(other->by, rule->by) == 0 && other->direction == rule->direction &&
		    other->priority > rule->priority)
			n += other->line.decided;
	}
	return n + cover->platform[rule->index * NSG_DIRECTION_COUNT + rule->direction];
}

static uint64_t asked_and_lost(const struct pp_cover *cover, const struct item *route)
{
	uint64_t asked = cover->asked_tables[route->index];
	return asked > route->line.decided ? asked - route->line.decided : 0;
}

static void end_items(struct pp_cover *cover)
{
	const struct model *model = cover->run->model;
	size_t flow = 0, event = 0;
	for (size_t i = 0; i < cover->n_items; i++) {
		struct item *item = &cover->items[i];
		const char *why;
		if (item->by)
			item->line.passed = strcmp(item->line.kind, "rule") == 0 ? passed_by(cover, item)
										 : asked_and_lost(cover, item);
		if (strcmp(item->line.kind, "flow") == 0) {
			while (flow < model->n_flows && strcmp(model->flows[flow].name, item->line.name) != 0)
				flow++;
			struct world_counts counts;
			world_flow_counts(cover->run->world, (uint32_t)flow, &counts);
			item->line.decided = counts.originated;
		}
		if (strcmp(item->line.kind, "event") == 0)
			item->line.decided = !world_event_was_inert(cover->run->world, event++, &why);
	}
}

static void fact(struct pp_cover *cover, const char *kind, const char *owner, const char *name, uint64_t n)
{
	cover->facts[cover->n_facts++] = (pp_cover_fact){kind, owner, name, n};
}

int pp_cover_finish(pp_cover *cover)
{
	if (!cover->run->finished || cover->facts)
		return -EINVAL;
	end_items(cover);
	cover->facts =
		arena_array(cover->arena, (size_t)REASON_COUNT + ELEMENT_KIND_COUNT + cover->n_nats * NAT_STATE_COUNT,
			    sizeof *cover->facts);
	if (!cover->facts)
		return -ENOMEM;
	for (unsigned i = REASON_NONE + 1; i < REASON_COUNT; i++)
		fact(cover, "reason", NULL, reason_name((enum reason)i), cover->reasons[i]);
	for (unsigned i = 0; i < ELEMENT_KIND_COUNT; i++)
		fact(cover, "element", NULL, element_traits[i].word, cover->elements[i]);
	for (size_t i = 0; i < cover->n_nats; i++) {
		struct nat_watch *nat = &cover->nats[i];
		struct world_nat_metrics metrics;
		world_nat_metrics(cover->run->world, nat->node, NONE, &metrics);
		nat->states[NAT_EXPIRED] = metrics.expired;
		nat->states[NAT_EXHAUSTED] = metrics.exhausted;
		for (unsigned k = 0; k < NAT_STATE_COUNT; k++)
			fact(cover, "nat", nat->name, nat_state_names[k], nat->states[k]);
	}
	return 0;
}

size_t pp_cover_n_lines(const pp_cover *cover)
{
	return cover->n_items;
}

void pp_cover_line_get(const pp_cover *cover, size_t index, pp_cover_line *ret)
{
	*ret = cover->items[index].line;
}

size_t pp_cover_n_facts(const pp_cover *cover)
{
	return cover->n_facts;
}

void pp_cover_fact_get(const pp_cover *cover, size_t index, pp_cover_fact *ret)
{
	*ret = cover->facts[index];
}
