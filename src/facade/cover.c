/* DOC: what a run exercised of its scenario. An observer of the trail counts, for each rule, route, NAT, machine, flow and event of the
 * file, the packets that it matched; for each reason the packets that were lost for it; for each kind of element the packets that
 * came by; for each NAT which of its states it was in. A rule or route that was asked and decided nothing was passed by: a later
 * rule of its list, or what stands behind the list, decided; another route of its machine's won. Lists are a group's in one
 * direction, a firewall's, and a frontend's, where any other rule counts: its rules are asked by port. */
#include "base/names.h"
#include "facade/facade.h"
#include "model/decided_by.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum item_kind { ITEM_ELEMENT, ITEM_RULE, ITEM_ROUTE, ITEM_FLOW, ITEM_EVENT };

struct item {
	enum item_kind kind;
	pp_cover_line line;
	/* Of a rule: the list that it stands in, NONE; of a route: its table; of a flow or an event: its number. */
	uint32_t index;
	uint32_t priority; /* of a rule */
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
	struct names deciders; /* as verdicts name them: groups, firewalls, frontends and route tables */
	struct names *rules;   /* of each, and routes: in items */
	struct node_kind *nodes;
	uint64_t *asked_tables; /* by route table: packets that looked for a route */
	uint64_t *behind;       /* by list of rules: packets that none of them matched */
	uint64_t reasons[REASON_COUNT];
	uint64_t elements[ELEMENT_KIND_COUNT];
	struct nat_watch *nats;
	size_t n_nats;
	pp_cover_fact *facts;
	size_t n_facts;
	bool failed;
};

/* ---- what there is ---- */

static struct item *add(struct pp_cover *cover, enum item_kind kind, const char *word, const char *name,
			struct place place, uint32_t index)
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
	*item = (struct item){.kind = kind,
			      .line = {.file = place.file, .line = place.line, .kind = word, .name = name},
			      .index = index};
	cover->failed |= !name;
	return item;
}

static struct item *find_rule(const struct pp_cover *cover, const char *by, const char *name)
{
	uint32_t decider, item;
	if (!names_find(&cover->deciders, by, &decider) || !names_find(&cover->rules[decider], name, &item))
		return NULL;
	return &cover->items[item];
}

/* One that was there before an event is the same. */
static struct item *add_asked(struct pp_cover *cover, enum item_kind kind, const char *word, const char *by,
			      const char *name, struct place place, uint32_t index)
{
	struct item *item = find_rule(cover, by, name) ? NULL : add(cover, kind, word, name, place, index);
	if (!item)
		return NULL;
	uint32_t decider = (uint32_t)cover->deciders.n;
	cover->failed |= !names_find(&cover->deciders, by, &decider) && names_add(&cover->deciders, by, decider) < 0;
	cover->failed |= cover->failed || names_add(&cover->rules[decider], name, (uint32_t)(item - cover->items)) < 0;
	return item;
}

static void add_rule(struct pp_cover *cover, const char *word, const char *by, const char *name, struct place place,
		     uint32_t list, uint32_t priority)
{
	struct item *item = add_asked(cover, ITEM_RULE, word, by, name, place, list);
	if (item)
		item->priority = priority;
}

/* ---- lists of rules ---- */

static uint32_t list_of_group(uint32_t nsg, enum nsg_direction direction)
{
	return nsg * NSG_DIRECTION_COUNT + (uint32_t)direction;
}

static uint32_t list_of(const struct model *model, uint32_t node)
{
	return (uint32_t)model->n_nsgs * NSG_DIRECTION_COUNT + node;
}

static uint32_t list_of_frontend(const struct model *model, uint32_t frontend)
{
	return frontend == NONE ? NONE : list_of(model, model->elements->frontend[frontend]);
}

/* Of a rule: false for rules of groups. */
static bool is_of_frontend(const struct model *model, uint32_t list)
{
	uint32_t first = list_of(model, 0);
	return list >= first && element_at(model, list - first)->kind == ELEMENT_FRONTEND;
}

static void add_rules(struct pp_cover *cover, uint32_t nsg, const struct nsg_rules *rules)
{
	for (size_t direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < rules->n[direction]; i++) {
			const struct nsg_rule *rule = &rules->rules[direction][i];
			add_rule(cover, "rule", cover->run->model->nsgs[nsg].by, rule->name, rule->place,
				 list_of_group(nsg, (enum nsg_direction)direction), rule->priority);
		}
}

static void add_firewall_rules(struct pp_cover *cover, uint32_t firewall, const struct firewall_rules *rules)
{
	const struct model *model = cover->run->model;
	uint32_t list = list_of(model, model->elements->of_kind[KIND_FIREWALL][firewall]);
	uint32_t turn = 0; /* collections stand in the order in which they are asked */
	for (size_t i = 0; i < rules->n; i++)
		for (size_t k = 0; k < rules->collections[i].n_rules; k++) {
			const struct firewall_rule *rule = &rules->collections[i].rules[k];
			add_rule(cover, "firewall rule", model->firewalls[firewall].name, rule->path, rule->place, list,
				 turn++);
		}
}

static const char *name_of_frontend(const struct pp_cover *cover, uint32_t frontend)
{
	return frontend == NONE ? "" : element_of_frontend(cover->run->model, frontend)->name;
}

static void add_balancer(struct pp_cover *cover, const struct balancer_config *balancer)
{
	const struct model *model = cover->run->model;
	for (size_t i = 0; i < balancer->n_rules; i++) {
		const struct balancing_config *rule = &balancer->rules[i];
		add_rule(cover, "balancing rule", name_of_frontend(cover, rule->frontend), rule->name, rule->place,
			 list_of_frontend(model, rule->frontend), 0);
	}
	for (size_t i = 0; i < balancer->n_inbound_nat; i++) {
		const struct inbound_nat_config *rule = &balancer->inbound_nat[i];
		add_rule(cover, "inbound NAT rule", name_of_frontend(cover, rule->frontend), rule->name, rule->place,
			 list_of_frontend(model, rule->frontend), 0);
	}
	for (size_t i = 0; i < balancer->n_outbound; i++) {
		const struct outbound_config *rule = &balancer->outbound[i];
		add_rule(cover, "outbound rule", name_of_frontend(cover, rule->frontends[0]), rule->name, rule->place,
			 NONE, 0);
	}
}

static void add_routes(struct pp_cover *cover, uint32_t table, const struct route *routes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)add_asked(cover, ITEM_ROUTE, "route", cover->run->model->route_tables[table].by, routes[i].name,
				routes[i].place, table);
}

static void add_at(struct pp_cover *cover, const char *word, const char *name, struct place place, uint32_t node)
{
	struct item *item = add(cover, ITEM_ELEMENT, word, name, place, NONE);
	if (item)
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

/* The others of kinds.h: one element each. */
static void add_kinds(struct pp_cover *cover)
{
	const struct model *model = cover->run->model;
	for (uint32_t i = 0; i < model->elements->n; i++) {
		const struct element *element = element_at(model, i);
		if (element_is_of_kinds(element->kind) && cover->nodes[i].item == NONE)
			add_at(cover, element_traits[element->kind].word, element->name, element->place, i);
	}
}

static void gather(struct pp_cover *cover)
{
	const struct model *model = cover->run->model;
	for (uint32_t i = 0; i < model->n_nsgs; i++)
		add_rules(cover, i, &model->nsgs[i].rules);
	for (uint32_t i = 0; i < model->n_route_tables; i++)
		add_routes(cover, i, model->route_tables[i].routes, model->route_tables[i].n_routes);
	for (uint32_t i = 0; i < model->n_firewalls; i++)
		add_firewall_rules(cover, i, &model->firewalls[i].rules);
	for (uint32_t i = 0; i < model->n_balancers; i++)
		add_balancer(cover, &model->balancers[i]);
	for (size_t i = 0; i < model->n_events; i++) {
		const struct event_config *event = &model->events[i];
		if (event->kind == EVENT_NSG)
			add_rules(cover, event->nsg, &event->rules);
		if (event->kind == EVENT_ROUTE)
			add_routes(cover, event->route_table, event->routes, event->n_routes);
		if (event->kind == EVENT_FIREWALL)
			add_firewall_rules(cover, event->firewall, &event->firewall_rules);
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
	add_kinds(cover);
	for (uint32_t i = 0; i < model->n_frontends; i++)
		add_at(cover, "frontend", name_of_frontend(cover, i), model->frontends[i].place,
		       model->elements->frontend[i]);
	for (uint32_t i = 0; i < model->n_hosts; i++)
		add_at(cover, "host", model->hosts[i].name, model->hosts[i].place, model->elements->host[i]);
	for (uint32_t i = 0; i < model->n_flows; i++)
		(void)add(cover, ITEM_FLOW, "flow", model->flows[i].name, model->flows[i].place, i);
	for (uint32_t i = 0; i < model->n_events; i++)
		(void)add(cover, ITEM_EVENT, "event", arena_printf(cover->arena, "event %" PRIu32, i),
			  model->events[i].place, i);
}

/* ---- while the run goes on ---- */

/* The NAT of an outbound rule is that of its first frontend. */
static const char *decider_of(const struct pp_cover *cover, const struct step *step)
{
	const struct model *model = cover->run->model;
	const struct element *element = element_at(model, step->node);
	bool borrows = element->kind == ELEMENT_FRONTEND && model->frontends[element->owner].nat_of != NONE &&
		       !find_rule(cover, step->verdict.by, step->verdict.rule);
	return borrows ? name_of_frontend(cover, model->frontends[element->owner].nat_of) : step->verdict.by;
}

static void count_rule(struct pp_cover *cover, const struct step *step)
{
	const struct model *model = cover->run->model;
	const struct verdict *v = &step->verdict;
	struct item *item = find_rule(cover, decider_of(cover, step), v->rule);
	if (item) {
		item->line.decided++;
		return;
	}
	uint32_t nsg = decided_by(model, BY_GROUP, v->by);
	if (nsg != NONE)
		cover->behind[list_of_group(nsg, step->flags & STEP_INBOUND ? NSG_INBOUND : NSG_OUTBOUND)]++;
	else if (step->kind == STEP_DROP && strcmp(v->by, element_at(model, step->node)->name) == 0)
		cover->behind[list_of(model, step->node)]++;
}

/* Rules of a frontend are asked by port: what has none there was none of them. */
static void count_closed(struct pp_cover *cover, const struct step *step)
{
	const struct model *model = cover->run->model;
	bool of_frontend = element_at(model, step->node)->kind == ELEMENT_FRONTEND;
	if (of_frontend && step->verdict.reason == REASON_VIP_PORT_CLOSED)
		cover->behind[list_of(model, step->node)]++;
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
	if (step->verdict.rule && step->verdict.by)
		count_rule(cover, step);
	if (step->kind == STEP_DROP)
		count_closed(cover, step);
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
	/* A frontend that a rule does not name is one of no name. */
	size_t n_deciders = model->n_nsgs + model->n_route_tables + model->n_firewalls + model->n_frontends + 1;
	*cover = (struct pp_cover){
		.run = run,
		.arena = arena,
		.rules = arena_array(arena, n_deciders, sizeof *cover->rules),
		.nodes = arena_array(arena, n_nodes + 1, sizeof *cover->nodes),
		.nats = arena_array(arena, n_nodes + 1, sizeof *cover->nats),
		.asked_tables = arena_array(arena, model->n_route_tables + 1, sizeof *cover->asked_tables),
		.behind = arena_array(arena, list_of(model, n_nodes) + 1, sizeof *cover->behind),
	};
	*ret = cover;
	if (!cover->rules || !cover->nodes || !cover->nats || !cover->asked_tables || !cover->behind)
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
	for (size_t i = 0; i < cover->deciders.n; i++)
		names_deinit(&cover->rules[i]);
	names_deinit(&cover->deciders);
	free(cover->items);
	arena_free(cover->arena);
}

/* ---- the end ---- */

/* Packets of its list that matched another rule: one behind it, or at a frontend any. */
static uint64_t passed_by(const struct pp_cover *cover, const struct item *rule)
{
	const struct model *model = cover->run->model;
	uint64_t n = 0;
	if (rule->index == NONE)
		return 0;
	bool by_port = is_of_frontend(model, rule->index);
	for (size_t i = 0; i < cover->n_items; i++) {
		const struct item *other = &cover->items[i];
		if (other != rule && other->kind == ITEM_RULE && other->index == rule->index &&
		    (by_port || other->priority > rule->priority))
			n += other->line.decided;
	}
	return n + cover->behind[rule->index];
}

static uint64_t asked_and_lost(const struct pp_cover *cover, const struct item *route)
{
	uint64_t asked = cover->asked_tables[route->index];
	return asked > route->line.decided ? asked - route->line.decided : 0;
}

static void end_item(struct pp_cover *cover, struct item *item)
{
	struct world_counts counts;
	const char *why;
	switch (item->kind) {
	case ITEM_ELEMENT:
		break;
	case ITEM_RULE:
		item->line.passed = passed_by(cover, item);
		break;
	case ITEM_ROUTE:
		item->line.passed = asked_and_lost(cover, item);
		break;
	case ITEM_FLOW:
		world_flow_counts(cover->run->world, item->index, &counts);
		item->line.decided = counts.originated;
		break;
	case ITEM_EVENT:
		item->line.decided = !world_event_was_inert(cover->run->world, item->index, &why);
		break;
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
	for (size_t i = 0; i < cover->n_items; i++)
		end_item(cover, &cover->items[i]);
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
