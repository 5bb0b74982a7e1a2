/* DOC: what the timeline has made of things by an instant. Events of rules and routes carry all that holds from
 * then on, so the latest says it; links, machines and peerings are asked for the latest event that turned them. */
#include "model/events.h"
#include "base/text.h"
#include "model/decided_by.h"
#include "model/elements.h"
#include <string.h>

/* The first `n` of the events have happened by then. */
static size_t n_events_by(const struct model *model, struct instant at)
{
	size_t n = 0;
	while (n < model->n_events && model->events[n].at_ns <= at.ns)
		n++;
	return n;
}

/* ---- links, machines, peerings ---- */

/* "a--b", or "b--a" */
static bool joins(const struct model *model, const struct event_config *event, const char *edge)
{
	for (int i = 0; i < 2; i++) {
		const char *rest = text_behind(edge, element_at(model, event->edge[i])->name);
		const char *other = rest ? text_behind(rest, "--") : NULL;
		if (other && strcmp(other, element_at(model, event->edge[1 - i])->name) == 0)
			return true;
	}
	return false;
}

static bool is_of_link(const struct model *model, const struct event_config *event, const char *link)
{
	if (event->kind == EVENT_LINK_CLASS)
		return strcmp(link_class_name(event->link), link) == 0;
	return event->kind == EVENT_LINK_EDGE && joins(model, event, link);
}

static bool took_away(const struct model *model, const struct event_config *event, uint32_t element)
{
	const struct element *gone = element_at(model, element);
	if (event->kind == EVENT_STOP)
		return event->target == element;
	return event->kind == EVENT_SCALE && gone->kind == ELEMENT_WORKER && gone->owner == event->ase &&
	       gone->number >= event->workers;
}

/* Of the side that the verdict names, the switch that its rule names. */
static bool turned_switch(const struct model *model, const struct event_config *event, const struct verdict *verdict)
{
	const struct decided_by *by = decided_by_find(model, verdict->by);
	if (!verdict->rule || event->kind != EVENT_PEER || !by || by->kind != BY_PEERING || by->index != event->vnet ||
	    by->other != event->peer)
		return false;
	return strcmp(verdict->rule, "forwarded") == 0 ? event->given.forwarded : event->given.access;
}

static bool is_behind(const struct model *model, const struct event_config *event, const struct verdict *verdict,
		      uint32_t element)
{
	if (verdict->reason == REASON_LINK_DOWN)
		return event->has_state && is_of_link(model, event, verdict->by);
	if (verdict->reason == REASON_LINK_LOSS)
		return event->has_loss && is_of_link(model, event, verdict->by);
	if (verdict->reason == REASON_NOT_PEERED)
		return turned_switch(model, event, verdict);
	return verdict->reason == REASON_HOST_DOWN && took_away(model, event, element);
}

const struct event_config *event_behind(const struct model *model, const struct verdict *verdict, uint32_t element,
					struct instant at)
{
	for (size_t i = n_events_by(model, at); i-- > 0;)
		if (is_behind(model, &model->events[i], verdict, element))
			return &model->events[i];
	return NULL;
}

/* ---- rules and routes ---- */

static bool has_route(const struct route *routes, size_t n, const struct verdict *verdict)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(routes[i].name, verdict->rule) == 0 && place_equal(routes[i].place, verdict->place))
			return true;
	return false;
}

const struct event_config *event_with_route(const struct model *model, const struct verdict *verdict, struct instant at)
{
	uint32_t table = verdict->rule ? decided_by(model, BY_ROUTE_TABLE, verdict->by) : NONE;
	if (table == NONE)
		return NULL;
	bool before = has_route(model->route_tables[table].routes, model->route_tables[table].n_routes, verdict);
	const struct event_config *found = NULL;
	for (size_t i = 0, n = n_events_by(model, at); i < n; i++) {
		const struct event_config *event = &model->events[i];
		if (event->kind != EVENT_ROUTE || event->route_table != table)
			continue;
		bool after = has_route(event->routes, event->n_routes, verdict);
		if (after && !before)
			found = event;
		before = after;
	}
	return found;
}

const struct nsg_rules *nsg_rules_at(const struct model *model, uint32_t nsg, struct instant at)
{
	for (size_t i = n_events_by(model, at); i-- > 0;)
		if (model->events[i].kind == EVENT_NSG && model->events[i].nsg == nsg)
			return &model->events[i].rules;
	return &model->nsgs[nsg].rules;
}
