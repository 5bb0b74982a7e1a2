/* DOC: an asymmetric way: the answer goes back by other elements than those that the call came by, and one that knows
 * nothing of the call drops it. Both ways are asked of the loop that carries packets (world_ways()), as they are when
 * the packet is lost. They are one where the way back passes the same elements in the other order. The route that parts
 * them is that of the last element which is on both. */
#include "cause/maker.h"
#include "net/header.h"
#include <string.h>

static bool is_end(const struct maker *maker, uint32_t node)
{
	enum element_kind kind = element_at(maker->model, node)->kind;
	return element_is_end_point(kind) && kind != ELEMENT_APPLIANCE && !element_traits[kind].is_next_hop;
}

static bool is_reverse(const struct world_way *there, const struct world_way *back)
{
	if (there->n != back->n)
		return false;
	for (size_t i = 0; i < there->n; i++)
		if (there->hops[i].node != back->hops[back->n - 1 - i].node)
			return false;
	return true;
}

static bool passes(const struct world_way *way, uint32_t node)
{
	for (size_t i = 0; i < way->n; i++)
		if (way->hops[i].node == node)
			return true;
	return way->fate.node == node;
}

/* Where the way back leaves that of the call: the last element with a route before the first that the call did not pass
 * in this turn. */
static const struct world_hop *parting(const struct world_way *there, const struct world_way *back)
{
	const struct world_hop *routed = NULL;
	for (size_t i = 0; i < back->n; i++) {
		bool same = i < there->n && there->hops[there->n - 1 - i].node == back->hops[i].node;
		if (!same && routed)
			break;
		if (back->hops[i].route.rule)
			routed = &back->hops[i];
	}
	return routed;
}

/* What stands between the two ends: "ase/vip", "gateway/hq and hq/nat"; the next to the answering machine first. */
static void put_between(struct maker *maker, const struct world_way *way, bool reversed)
{
	const char *names[WORLD_WAY_MAX];
	size_t n = 0;
	for (size_t i = 0; i < way->n; i++) {
		uint32_t node = way->hops[reversed ? way->n - 1 - i : i].node;
		if (!is_end(maker, node))
			names[n++] = element_at(maker->model, node)->name;
	}
	uint32_t last = way->fate.node;
	if (n < WORLD_WAY_MAX && last != NONE && !is_end(maker, last) &&
	    (way->n == 0 || way->hops[way->n - 1].node != last))
		names[n++] = element_at(maker->model, last)->name;
	for (size_t i = 0; i < n; i++)
		buf_printf(&maker->what, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", names[i]);
	if (n == 0)
		buf_puts(&maker->what, "no NAT or appliance");
}

static void put_route(struct maker *maker, const struct world_hop *hop)
{
	struct buf *what = &maker->what;
	const struct verdict *route = &hop->route;
	buf_printf(what, " Route %s of %s", route->rule, route->by);
	put_place(what, route->place);
	buf_printf(what, " at %s makes the difference.", element_at(maker->model, hop->node)->name);
}

/* The next hop of a route back by the way of the call: what the call passed last before it came to where the ways part.
 * NULL: no route can name that. */
static const char *next_hop_back(const struct maker *maker, const struct world_way *there, uint32_t node)
{
	size_t at = there->n;
	while (at > 0 && there->hops[at - 1].node != node)
		at--;
	if (at == 0)
		at = there->n + 1; /* the call ended there */
	if (at < 2)
		return NULL;
	const struct element *element = element_at(maker->model, there->hops[at - 2].node);
	if (element->kind == ELEMENT_APPLIANCE || element_traits[element->kind].is_next_hop)
		return element->name;
	if (element->kind == ELEMENT_VIP || element->kind == ELEMENT_FRONTEND || element->kind == ELEMENT_INTERNET_HOST)
		return "internet";
	return NULL;
}

static void help_route(struct maker *maker, const struct world_hop *hop, const struct world_way *there)
{
	struct buf *helps = &maker->helps;
	char text[ADDR_TEXT_BYTES];
	const struct verdict *route = hop ? &hop->route : NULL;
	if (!route) {
		buf_puts(helps,
			 "Send the answer back by the way that the call came: change the routes of one of the two "
			 "subnets (`network.route_tables`).");
		maker_setting(maker, "network.route_tables");
		return;
	}
	buf_printf(
		helps,
		"Send the answer back by the way that the call came: give the subnet of %s a route for %s/32 with the "
		"next hop ",
		element_at(maker->model, hop->node)->name, addr_print(maker->step->after.dst, text));
	const char *next_hop = next_hop_back(maker, there, hop->node);
	if (next_hop)
		buf_printf(helps, "`%s`", next_hop);
	else
		buf_puts(helps, "of that way");
	buf_puts(helps, " (`network.route_tables`)");
	maker_setting(maker, "network.route_tables");
	uint32_t table = decided_by(maker->model, BY_ROUTE_TABLE, route->by);
	if (strcmp(route->by, BY_GATEWAY_ROUTES) == 0) {
		for (size_t i = 0; i < maker->model->n_sites; i++) {
			const struct site_config *site = &maker->model->sites[i];
			if (!place_equal(site->advertises_place, route->place))
				continue;
			buf_printf(helps, ", do not advertise %s (`network.sites.%s.gateway.advertises`)", route->rule,
				   site->name);
			maker_setting(maker, "network.sites.%s.gateway.advertises", site->name);
		}
		buf_puts(helps, ", or set `gateway_routes: false` in its route table");
	} else if (table != NONE) {
		buf_printf(helps, ", or remove route `%s` from %s", route->rule, route->by);
		maker_setting(maker, "network.route_tables.%s.routes.%s", maker->model->route_tables[table].name,
			      route->rule);
	}
	if (maker->step->verdict.reason == REASON_NO_STATE)
		buf_printf(helps, ", or send the call through %s, too", maker->at->name);
	buf_puts(helps, ".");
}

static bool may_be_asymmetric(const struct maker *maker)
{
	const struct step *step = maker->step;
	enum reason reason = step->verdict.reason;
	bool asks = reason == REASON_NO_MAPPING || reason == REASON_FILTERED || reason == REASON_NO_ROUTE ||
		    reason == REASON_NSG_DENY || reason == REASON_NO_LISTENER || reason == REASON_ROUTE_NONE ||
		    reason == REASON_NO_STATE;
	return asks && (step->packet->flags & PACKET_FROM_CALLER) == 0;
}

bool cause_of_two_ways(struct maker *maker)
{
	const struct step *step = maker->step;
	const struct flow_config *flow = maker_flow(maker);
	struct world_way there, back;
	if (!may_be_asymmetric(maker) || (flow && flow->is_held_push) || !maker_ways(maker, &there, &back))
		return false;
	/* Of a call with several legs the first alone is known here: is the packet its answer? */
	bool answers = be32_equal(step->after.dst, there.fate.tuple.src);
	if (maker->at->kind == ELEMENT_INTERNET) /* it keeps no state: the address is what is wrong */
		return false;
	if (back.n == 0 || !answers || is_reverse(&there, &back) || !passes(&back, step->node))
		return false;
	struct buf *what = &maker->what;
	const struct world_hop *hop = parting(&there, &back);
	buf_printf(what, "The answer takes another way than the call. The call came to %s by ",
		   element_at(maker->model, back.hops[0].node)->name);
	put_between(maker, &there, false);
	buf_puts(what, "; its answer leaves by ");
	put_between(maker, &back, false);
	buf_printf(what, ", and %s has no state of the call.", step->verdict.by);
	if (hop)
		put_route(maker, hop);
	help_route(maker, hop, &there);
	return true;
}
