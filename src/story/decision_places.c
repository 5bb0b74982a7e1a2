/* DOC: who decided, found in the model by the name under which a verdict gives it. Verdicts carry the place of their
 * rule where they have one; what has none (a platform's rule, a link, a machine that is down) is asked of the register, so
 * that an explanation cites a line wherever the file has one: the group, the environment, the host, or the event of the
 * timeline that made it so. Only explanations ask, so a scan will do. */
#include "model/decided_by.h"
#include "model/elements.h"
#include "model/events.h"
#include "story/explain.h"
#include <stdio.h>
#include <string.h>

/* ---- decisions ---- */

struct place place_of_decision(const struct model *model, const struct trace_step *step)
{
	const struct verdict *verdict = step->opened_by.rule ? &step->opened_by : &step->verdict;
	const struct event_config *event =
		step->kind == STEP_DROP ? event_behind(model, &step->verdict, step->node, step->at) : NULL;
	if (event)
		return event->place;
	if (verdict->place.file)
		return verdict->place;
	bool decides = step->kind == STEP_FILTER || step->kind == STEP_TRANSLATE || step->kind == STEP_DROP;
	const struct decided_by *by = decides ? decided_by_find(model, verdict->by) : NULL;
	return by ? by->place : PLACE_NONE;
}

/* ---- rules that the timeline changed ---- */

static const struct nsg_rule *find_rule(const struct nsg_rules *rules, const struct verdict *verdict)
{
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++)
		for (uint32_t i = 0; i < rules->n[direction]; i++) {
			const struct nsg_rule *rule = &rules->rules[direction][i];
			if (strcmp(rule->name, verdict->rule) == 0 && place_equal(rule->place, verdict->place))
				return rule;
		}
	return NULL;
}

/* An event copies the rules that it leaves alone, with all that they point at. */
static bool is_copy(const struct nsg_rule *a, const struct nsg_rule *b)
{
	return a->priority == b->priority && a->allow == b->allow && a->proto == b->proto && a->src == b->src &&
	       a->dst == b->dst && a->src_ports == b->src_ports && a->dst_ports == b->dst_ports;
}

struct place place_of_change(const struct model *model, const struct trace_step *step)
{
	const struct verdict *verdict = step->opened_by.rule ? &step->opened_by : &step->verdict;
	uint32_t nsg = verdict->rule && verdict->place.file ? decided_by(model, BY_GROUP, verdict->by) : NONE;
	const struct instant decided_at = step->opened_by.rule ? step->opened_at : step->at;
	const struct nsg_rule *before = NULL;
	struct place change = PLACE_NONE;
	if (nsg == NONE)
		return PLACE_NONE;
	before = find_rule(&model->nsgs[nsg].rules, verdict);
	for (size_t i = 0; i < model->n_events && model->events[i].at_ns <= decided_at.ns; i++) {
		const struct event_config *event = &model->events[i];
		if (event->kind != EVENT_NSG || event->nsg != nsg)
			continue;
		const struct nsg_rule *after = find_rule(&event->rules, verdict);
		if (before && after && !is_copy(before, after))
			change = event->place;
		before = after;
	}
	return change;
}

/* ---- routes ---- */

static const struct route *among(const struct route *routes, size_t n, const struct verdict *verdict)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(routes[i].name, verdict->rule) == 0 && place_equal(routes[i].place, verdict->place))
			return &routes[i];
	return NULL;
}

/* A user's route, of the table as it is at the start or of what the timeline made of it. */
static const struct route *users_route(const struct model *model, const struct verdict *verdict)
{
	const struct route *found = NULL;
	for (size_t i = 0; !found && i < model->n_route_tables; i++)
		found = among(model->route_tables[i].routes, model->route_tables[i].n_routes, verdict);
	for (size_t i = 0; !found && i < model->n_events; i++)
		if (model->events[i].kind == EVENT_ROUTE)
			found = among(model->events[i].routes, model->events[i].n_routes, verdict);
	return found;
}

static const char *hop_in_words(struct arena *arena, const struct model *model, const struct route *route)
{
	switch (route->hop) {
	case HOP_INTERNET:
		return "the Internet";
	case HOP_VNET:
		return "the virtual network";
	case HOP_PEERING:
		return "the peered network";
	case HOP_GATEWAY:
		return "the gateway";
	case HOP_NONE:
		return "nowhere";
	case HOP_SERVICE:
		return "the service by its endpoint";
	case HOP_ENDPOINT:
		return "the private endpoint";
	case HOP_APPLIANCE:
		return arena_printf(arena, "appliance %s", next_hop_name(model, route->target));
	case HOP_FRONTEND:
		return arena_printf(arena, "load balancer %s", element_of_frontend(model, route->target)->name);
	}
	return NULL;
}

static const char *system_hop(const char *rule)
{
	static const struct {
		const char *rule, *hop;
	} hops[] = {{"vnet", "the virtual network"},
		    {"peering", "the peered network"},
		    {"internet", "the Internet"},
		    {"service-endpoint", "the service by the subnet's endpoint"},
		    {"private-endpoint", "the private endpoint"}};
	for (size_t i = 0; i < sizeof hops / sizeof *hops; i++)
		if (strcmp(hops[i].rule, rule) == 0)
			return hops[i].hop;
	return "nowhere";
}

void route_of_decision(struct arena *arena, const struct model *model, const struct trace_step *step,
		       const char **ret_hop, const char **ret_prefix)
{
	const struct verdict *verdict = &step->verdict;
	char text[PREFIX_TEXT_BYTES];
	*ret_hop = *ret_prefix = NULL;
	const struct decided_by *by = verdict->rule ? decided_by_find(model, verdict->by) : NULL;
	if (by && by->kind == BY_GATEWAY)
		*ret_hop = "the gateway";
	if (by && by->kind == BY_SYSTEM) {
		*ret_hop = system_hop(verdict->rule);
		*ret_prefix = strcmp(verdict->rule, "internet") == 0 ? "0.0.0.0/0" : NULL;
	}
	const struct route *route = by && by->kind == BY_ROUTE_TABLE ? users_route(model, verdict) : NULL;
	if (!route)
		return;
	*ret_hop = hop_in_words(arena, model, route);
	*ret_prefix = arena_strdup(arena, route->tag ? route->tag->name : prefix_print(route->prefix, text));
}
