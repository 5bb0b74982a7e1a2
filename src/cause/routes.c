/* DOC: losses by routes, peerings and addresses: the route that wins, the switch of the peering, the gateway that a
 * network does not use, and the routes of a circle. */
#include "cause/maker.h"
#include <string.h>

static uint32_t network_of(const struct maker *maker, be32 addr)
{
	for (uint32_t i = 0; i < maker->model->n_vnets; i++)
		for (size_t k = 0; k < maker->model->vnets[i].n_space; k++)
			if (prefix_contains(maker->model->vnets[i].space[k], addr))
				return i;
	return NONE;
}

static const struct peering_config *side_of(const struct model *model, uint32_t vnet, uint32_t other)
{
	for (size_t i = 0; i < model->vnets[vnet].n_peerings; i++)
		if (model->vnets[vnet].peerings[i].vnet == other)
			return &model->vnets[vnet].peerings[i];
	return NULL;
}

/* ---- gateways of other networks ---- */

/* A site whose prefixes hold an address and whose gateway stands in a network; NULL. */
static const struct site_config *site_with(const struct maker *maker, be32 addr)
{
	for (size_t i = 0; i < maker->model->n_sites; i++) {
		const struct site_config *site = &maker->model->sites[i];
		for (size_t k = 0; site->has_gateway && k < site->n_prefixes; k++)
			if (prefix_contains(site->prefixes[k], addr))
				return site;
	}
	return NULL;
}

/* The network `vnet` would reach the site, and be reached, by the gateway of its peer. */
static void tell_transit(struct maker *maker, const struct site_config *site, uint32_t vnet)
{
	const struct model *model = maker->model;
	const char *name = model->vnets[vnet].name, *hub = model->vnets[site->vnet].name;
	buf_printf(&maker->what, " The gateway of site %s stands in %s, and %s does not use it.", site->name, hub,
		   name);
	buf_printf(&maker->helps, "Let %s use that gateway: ", name);
	if (!side_of(model, vnet, site->vnet))
		buf_puts(&maker->helps, "peer the two, with ");
	buf_printf(&maker->helps,
		   "`use_remote_gateway: true` in `network.vnets.%s.peers.%s` and `gateway_transit: true` in "
		   "`network.vnets.%s.peers.%s`.",
		   name, hub, hub, name);
	maker_setting(maker, "network.vnets.%s.peers", name);
	maker_setting(maker, "network.vnets.%s.peers", hub);
}

/* ---- routes ---- */

static void tell_system_route(struct maker *maker, const char *dst)
{
	const struct verdict *verdict = &maker->step->verdict;
	const struct site_config *site = site_with(maker, maker->step->after.dst);
	buf_printf(&maker->what,
		   "No network, gateway or route of the user leads from %s to %s; the platform's route %s of %s drops "
		   "private addresses that nothing else leads to.",
		   maker->at->name, dst, verdict->rule, verdict->by);
	if (site && maker->at->vnet != NONE && site->vnet != maker->at->vnet) {
		tell_transit(maker, site, maker->at->vnet);
		return;
	}
	buf_printf(
		&maker->helps,
		"Give %s a route of its own in the table of the sender's subnet (`network.route_tables`), or peer the "
		"network that has it (`network.vnets`).",
		dst);
	maker_setting(maker, "network.route_tables");
	maker_setting(maker, "network.vnets");
}

void tell_route(struct maker *maker)
{
	const struct verdict *verdict = &maker->step->verdict;
	char text[ADDR_TEXT_BYTES];
	const char *dst = addr_print(maker->step->after.dst, text);
	if (!verdict->rule || !decided_by_route(maker->model, verdict->by))
		return;
	uint32_t index = decided_by(maker->model, BY_ROUTE_TABLE, verdict->by);
	if (index == NONE) {
		tell_system_route(maker, dst);
		return;
	}
	const char *table = maker->model->route_tables[index].name;
	const struct event_config *event = event_with_route(maker->model, verdict, maker->step->at);
	buf_printf(&maker->what, "Route %s of %s wins for %s, and its next hop `none` drops the packet", verdict->rule,
		   verdict->by, dst);
	if (event) {
		buf_puts(&maker->what, "; the table has it ");
		put_event(maker, event);
		buf_puts(&maker->what, ".");
		buf_printf(&maker->helps,
			   "Give that route of `timeline` another next hop, or %s a longer prefix of its own in "
			   "`network.route_tables.%s.routes`.",
			   dst, table);
		maker_setting(maker, "timeline");
		maker_setting(maker, "network.route_tables.%s.routes", table);
		return;
	}
	buf_puts(&maker->what, ".");
	buf_printf(&maker->helps,
		   "Give `network.route_tables.%s.routes.%s` another next hop, or %s a longer prefix of its own there.",
		   table, verdict->rule, dst);
	maker_setting(maker, "network.route_tables.%s.routes.%s", table, verdict->rule);
}

/* ---- peerings ---- */

static void put_switch(struct maker *maker, const struct event_config *event)
{
	const struct verdict *verdict = &maker->step->verdict;
	if (!event)
		put_place(&maker->what, verdict->place);
	buf_printf(&maker->what, " has `%s: false`", verdict->rule);
	if (event) {
		buf_puts(&maker->what, " ");
		put_event(maker, event);
	}
}

static void help_switch(struct maker *maker, const struct event_config *event, const char *own, const char *other)
{
	const char *rule = maker->step->verdict.rule;
	if (event) {
		buf_printf(&maker->helps,
			   "Set `%s: true` again before the packet is sent (an event of `timeline`), or remove the "
			   "event that changes it.",
			   rule);
		maker_setting(maker, "timeline");
		return;
	}
	buf_printf(&maker->helps, "Set `network.vnets.%s.peers.%s.%s: true`.", own, other, rule);
	maker_setting(maker, "network.vnets.%s.peers.%s.%s", own, other, rule);
}

/* The switches that a network has for another. False where the verdict is no switch's. */
static bool tell_switch(struct maker *maker)
{
	const struct verdict *verdict = &maker->step->verdict;
	const struct decided_by *by = decided_by_find(maker->model, verdict->by);
	if (!by || by->kind != BY_PEERING || !verdict->rule)
		return false;
	const char *own = maker->model->vnets[by->index].name, *other = maker->model->vnets[by->other].name;
	char src[ADDR_TEXT_BYTES];
	struct buf *what = &maker->what;
	const struct event_config *event = maker_event(maker);
	buf_printf(what, "The side of %s in its peering with %s", own, other);
	put_switch(maker, event);
	if (strcmp(verdict->rule, "forwarded") == 0)
		buf_printf(what,
			   ": it takes what machines of %s send. This packet's source %s is in "
			   "no network of %s, so %s only forwards it.",
			   other, addr_print(maker->step->after.src, src), other, maker->at->name);
	else
		buf_printf(what, ": its machines may not send to %s.", other);
	help_switch(maker, event, own, other);
	return true;
}

/* The appliance or firewall by which the call came that this packet answers; NULL. */
static const struct element *came_by(const struct maker *maker)
{
	const struct step *step = maker->step;
	struct world_way there, back;
	if ((step->packet->flags & PACKET_FROM_CALLER) != 0 || !maker_ways(maker, &there, &back))
		return NULL;
	for (size_t i = there.n; i-- > 1;) {
		const struct element *element = element_at(maker->model, there.hops[i].node);
		if (element->kind == ELEMENT_APPLIANCE || element_traits[element->kind].is_next_hop)
			return element;
	}
	return NULL;
}

/* An answer whose subnet has no route back by the appliance through which the call came. */
static bool tell_way_back(struct maker *maker)
{
	const struct model *model = maker->model;
	const struct element *by = came_by(maker);
	char text[ADDR_TEXT_BYTES];
	if (!by || maker->at->subnet == NONE)
		return false;
	const struct subnet_config *subnet = &model->subnets[maker->at->subnet];
	const char *vnet = model->vnets[subnet->vnet].name;
	addr_print(maker->step->after.dst, text);
	buf_printf(
		&maker->what,
		"The call came to %s by %s, and its answer has no way back: %s is in a network that is not peered with "
		"%s, and no route of subnet %s/%s leads to %s.",
		maker->at->name, by->name, text, vnet, vnet, subnet->name, by->name);
	buf_printf(&maker->helps,
		   "Give subnet %s/%s a route for %s with the next hop %s (`network.vnets.%s.subnets.%s.routes`, "
		   "`network.route_tables`).",
		   vnet, subnet->name, text, by->name, vnet, subnet->name);
	maker_setting(maker, "network.vnets.%s.subnets.%s.routes", vnet, subnet->name);
	maker_setting(maker, "network.route_tables");
	return true;
}

void tell_peering(struct maker *maker)
{
	const struct model *model = maker->model;
	char text[ADDR_TEXT_BYTES];
	uint32_t from = maker->at->vnet, to = network_of(maker, maker->step->after.dst);
	if (tell_switch(maker) || tell_way_back(maker) || from == NONE || to == NONE || from == to)
		return;
	const char *a = model->vnets[from].name, *b = model->vnets[to].name;
	const struct peering_config *there = side_of(model, from, to), *back = side_of(model, to, from);
	buf_printf(&maker->what, "%s is in virtual network %s, which is not peered with %s, where %s stands; ",
		   addr_print(maker->step->after.dst, text), b, a, maker->at->name);
	if (there || back) {
		const char *missing = there ? b : a, *has = there ? a : b;
		buf_printf(&maker->what, "%s names %s as its peer, and %s does not name %s.", has, missing, missing,
			   has);
		buf_printf(&maker->helps, "Add the other side: `network.vnets.%s.peers.%s`.", missing, has);
		maker_setting(maker, "network.vnets.%s.peers", missing);
		return;
	}
	buf_puts(&maker->what, "peering is not transitive.");
	buf_printf(&maker->helps,
		   "Peer the two (`network.vnets.%s.peers: [%s]`), or route through an appliance that forwards in a "
		   "network that both are peered with (`network.route_tables`).",
		   a, b);
	maker_setting(maker, "network.vnets.%s.peers", a);
	maker_setting(maker, "network.route_tables");
}

/* ---- addresses ---- */

/* Whatever has this address inside: a machine, an internal address, a frontend, a private endpoint; NULL. */
static const struct element *element_inside(const struct model *model, be32 addr)
{
	uint32_t machine = element_of_address(model, addr);
	if (machine != NONE)
		return element_at(model, machine);
	for (uint32_t i = 0; i < model->elements->n; i++)
		if (be32_equal(element_at(model, i)->addr, addr))
			return element_at(model, i);
	return NULL;
}

static void help_private(struct maker *maker)
{
	const struct model *model = maker->model;
	const struct flow_config *flow = maker_flow(maker);
	const struct element *element = element_inside(model, maker->step->after.dst);
	if (!element) {
		buf_puts(&maker->helps, "Call a public address");
		if (flow) {
			buf_printf(&maker->helps, " (`flows.%s.to`)", flow->name);
			maker_setting(maker, "flows.%s.to", flow->name);
		}
		buf_puts(&maker->helps, ".");
		return;
	}
	char text[ADDR_TEXT_BYTES];
	be32 outside = ADDR_NONE;
	if (element_is_vm(element->kind))
		outside = model->hosts[element->owner].public_ip;
	else if (element_traits[element->kind].owner == OWNER_ENVIRONMENT)
		outside = model->ases[element->owner].vip;
	if (be32_equal(outside, ADDR_NONE))
		buf_printf(&maker->helps,
			   "%s has no public address: call from a network or site that is joined to its own",
			   element->name);
	else
		buf_printf(&maker->helps, "Call %s by its public address %s", element->name, addr_print(outside, text));
	if (flow) {
		buf_printf(&maker->helps, " (`flows.%s.to`, `flows.%s.from`)", flow->name, flow->name);
		maker_setting(maker, "flows.%s.to", flow->name);
		maker_setting(maker, "flows.%s.from", flow->name);
	}
	buf_puts(&maker->helps, ".");
}

/* The user's route by which the packet left the element where it was lost; NULL: another kind led it, or none. */
static const struct verdict *users_route(const struct maker *maker, struct world_way *there, struct world_way *back)
{
	if (!maker_ways(maker, there, back))
		return NULL;
	const struct world_way *way = maker->step->packet->flags & PACKET_FROM_CALLER ? there : back;
	for (size_t i = 0; i < way->n; i++) {
		const struct verdict *route = &way->hops[i].route;
		if (way->hops[i].node == maker->step->node && route->rule && decided_by_route(maker->model, route->by))
			return decided_by(maker->model, BY_ROUTE_TABLE, route->by) != NONE ? route : NULL;
	}
	return NULL;
}

/* A gateway takes what is for the Internet, as its site advertises 0.0.0.0/0, and the site does not join the Internet. */
static bool tell_forced_tunnel(struct maker *maker)
{
	if (maker->at->kind != ELEMENT_GATEWAY || addr_is_private(maker->step->after.dst))
		return false;
	const struct site_config *site = &maker->model->sites[maker->at->owner];
	bool defaults = false;
	for (size_t i = 0; i < site->n_prefixes; i++)
		if (prefix_contains(site->prefixes[i], maker->step->after.dst))
			return false;
	for (size_t i = 0; i < site->n_advertises; i++)
		defaults |= site->advertises[i].length == 0;
	if (defaults) {
		buf_printf(&maker->what, " Site %s advertises 0.0.0.0/0", site->name);
		put_place(&maker->what, site->advertises_place);
		buf_puts(&maker->what, ", so what subnets send to the Internet goes there (forced tunnelling).");
	}
	buf_printf(&maker->helps, "Join the site to the Internet (`network.sites.%s.nat`)", site->name);
	maker_setting(maker, "network.sites.%s.nat", site->name);
	if (defaults) {
		buf_printf(&maker->helps, ", do not advertise 0.0.0.0/0 (`network.sites.%s.gateway.advertises`)",
			   site->name);
		maker_setting(maker, "network.sites.%s.gateway.advertises", site->name);
	}
	buf_puts(&maker->helps, ", or give the sender's subnet a route of its own with `next_hop: internet` "
				"(`network.route_tables`).");
	maker_setting(maker, "network.route_tables");
	return true;
}

static void tell_dead_end(struct maker *maker)
{
	struct world_way there, back;
	const struct verdict *route = users_route(maker, &there, &back);
	const char *app =
		maker->at->kind == ELEMENT_APP_INSTANCE ? element_path(maker->model, maker->arena, maker->at) : NULL;
	if (route) {
		const char *table =
			maker->model->route_tables[decided_by(maker->model, BY_ROUTE_TABLE, route->by)].name;
		buf_printf(&maker->what, " Route %s of %s", route->rule, route->by);
		put_place(&maker->what, route->place);
		buf_puts(&maker->what, " leads it there.");
		if (event_with_route(maker->model, route, maker->step->at)) {
			buf_puts(&maker->helps, "Give that route of `timeline` a next hop that leads on.");
			maker_setting(maker, "timeline");
			return;
		}
		buf_printf(&maker->helps,
			   "Give `network.route_tables.%s.routes.%s` a next hop that leads on, or take the route away.",
			   table, route->rule);
		maker_setting(maker, "network.route_tables.%s.routes.%s", table, route->rule);
	} else if (app) {
		buf_printf(&maker->helps, "Integrate the app into a subnet of a network (`%s.integrated`).", app);
		maker_setting(maker, "%s.integrated", app);
	}
}

/* An answer to a machine of a site whose NAT keeps the source towards some destinations. */
static bool tell_kept_source(struct maker *maker)
{
	const struct model *model = maker->model;
	const struct element *inside = element_inside(model, maker->step->after.dst);
	const struct site_config *site =
		inside && inside->kind == ELEMENT_SITE_MACHINE ? &model->sites[inside->site] : NULL;
	if (!site || !site->has_nat || (maker->step->packet->flags & PACKET_FROM_CALLER) != 0)
		return false;
	const char *key = site->nat.n_except > 0 ? "except" : site->nat.n_only > 0 ? "only" : NULL;
	if (!key)
		return false;
	char src[ADDR_TEXT_BYTES];
	buf_printf(&maker->what, " %s/nat leaves the source of calls to %s as it is (`%s`).", site->name,
		   addr_print(maker->step->after.src, src), key);
	buf_printf(&maker->helps, "Let %s/nat translate calls to that address, too (`network.sites.%s.nat.%s`).",
		   site->name, site->name, key);
	maker_setting(maker, "network.sites.%s.nat.%s", site->name, key);
	return true;
}

/* The event that took the destination away from what had it; NULL. */
static const struct event_config *event_that_moved(const struct maker *maker, const char **ret_name)
{
	const struct model *model = maker->model;
	const struct event_config *found = NULL;
	for (size_t i = 0; i < model->n_events && model->events[i].at_ns <= maker->step->at.ns; i++) {
		const struct event_config *event = &model->events[i];
		if (event->kind != EVENT_ADDRESS && event->kind != EVENT_VIP)
			continue;
		uint32_t owner = event->kind == EVENT_VIP ? model->elements->vip[event->ase] : event->nat;
		be32 before = element_at(model, owner)->addr;
		for (size_t k = 0; k < i; k++)
			if (model->events[k].kind == event->kind &&
			    (event->kind == EVENT_VIP ? model->events[k].ase == event->ase
						      : model->events[k].nat == event->nat))
				before = model->events[k].address;
		if (be32_equal(before, maker->step->after.dst)) {
			found = event;
			*ret_name = element_at(model, owner)->name;
		} else if (be32_equal(event->address, maker->step->after.dst)) {
			found = NULL;
		}
	}
	return found;
}

static bool tell_moved(struct maker *maker)
{
	const char *name = "";
	char before[ADDR_TEXT_BYTES], after[ADDR_TEXT_BYTES];
	const struct event_config *event = event_that_moved(maker, &name);
	if (!event)
		return false;
	addr_print(event->address, after);
	buf_printf(&maker->what, "%s was the address of %s; it has %s ", addr_print(maker->step->after.dst, before),
		   name, after);
	put_event(maker, event);
	buf_puts(&maker->what, ".");
	buf_printf(
		&maker->helps,
		"Call %s, or its name, in connections that begin after the event of `timeline`; or remove the event.",
		after);
	maker_setting(maker, "timeline");
	return true;
}

void tell_address(struct maker *maker)
{
	const struct step *step = maker->step;
	char src[ADDR_TEXT_BYTES], dst[ADDR_TEXT_BYTES];
	uint32_t vnet = network_of(maker, step->after.dst);
	const struct site_config *site = maker->at->site == NONE ? NULL : &maker->model->sites[maker->at->site];
	if (!step->verdict.detail || tell_moved(maker))
		return;
	if (maker->at->kind == ELEMENT_INTERNET && addr_is_private(step->after.dst)) {
		buf_printf(&maker->what, "%s is a private address, and the Internet has no way to it",
			   addr_print(step->after.dst, dst));
		if (addr_is_private(step->after.src))
			buf_printf(&maker->what, "; nor was its source %s translated",
				   addr_print(step->after.src, src));
		buf_puts(&maker->what, ".");
		if (!tell_kept_source(maker))
			help_private(maker);
		return;
	}
	buf_printf(&maker->what, "%s cannot be reached from %s: %s.", addr_print(step->after.dst, dst), maker->at->name,
		   step->verdict.detail);
	if (site && site->has_gateway && vnet != NONE && vnet != site->vnet)
		tell_transit(maker, site, vnet);
	else if (!tell_forced_tunnel(maker))
		tell_dead_end(maker);
}

/* ---- circles ---- */

/* The elements of a way between the two passages of the first that it passes twice, each with its route. */
static bool put_circle(struct maker *maker, const struct world_way *way)
{
	for (size_t first = 0; first < way->n; first++)
		for (size_t again = first + 1; again < way->n; again++) {
			if (way->hops[again].node != way->hops[first].node)
				continue;
			buf_puts(&maker->what, ": the routes form a loop");
			for (size_t i = first; i < again; i++) {
				const struct world_hop *hop = &way->hops[i];
				buf_printf(&maker->what, "%s %s", i == first ? ":" : ", then",
					   element_at(maker->model, hop->node)->name);
				if (!hop->route.rule)
					continue;
				buf_printf(&maker->what, " by route %s of %s", hop->route.rule, hop->route.by);
				put_place(&maker->what, hop->route.place);
				uint32_t table = decided_by(maker->model, BY_ROUTE_TABLE, hop->route.by);
				if (table != NONE)
					maker_setting(maker, "network.route_tables.%s.routes.%s",
						      maker->model->route_tables[table].name, hop->route.rule);
			}
			buf_puts(&maker->helps, "Let one of these routes lead on to the destination.");
			return true;
		}
	return false;
}

void tell_circle(struct maker *maker)
{
	const struct step *step = maker->step;
	const struct flow_config *flow = maker_flow(maker);
	struct world_way there, back;
	buf_printf(&maker->what, "Its TTL reached 0 at %s", maker->at->name);
	bool known = maker_ways(maker, &there, &back);
	if (known && put_circle(maker, step->packet->flags & PACKET_FROM_CALLER ? &there : &back)) {
		buf_puts(&maker->what, ".");
		return;
	}
	if (flow && flow->ttl != 0 && (step->packet->flags & PACKET_FROM_CALLER) != 0) {
		buf_printf(&maker->what, ": it was sent with a TTL of %u (`flows.%s.ttl`).", flow->ttl, flow->name);
		buf_printf(&maker->helps, "Raise `flows.%s.ttl` above the number of routers on the way.", flow->name);
		maker_setting(maker, "flows.%s.ttl", flow->name);
		return;
	}
	buf_puts(&maker->what, ".");
}
