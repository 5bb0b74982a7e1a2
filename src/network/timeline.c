/* DOC: what happens to the network meanwhile. An event that changes nothing is remembered as inert, with the reason,
 * and fails the run.
 *
 * An instance that goes away (scaled down, stopped) is silent from then on: its connections are forgotten, peers time
 * out, and its NAT mappings end. An app whose last worker is scaled away moves to the last one that stays (L11). Open
 * connections of an app that moves drain where they are.
 *
 * A security group's new rules are for new flows; open ones have their records (rule/record.h). A route is for the next
 * packet, of whatever flow. With its VIP an environment loses every mapping: calls of its own go on from nowhere and
 * time out, as do those to the old address. */
#include "network/firewall.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void inert(struct world *world, uint32_t event, const char *why)
{
	world->event_inert[event] = true;
	world->event_why[event] = why;
}

static void instance_gone(struct world *world, uint32_t machine)
{
	machine_forget(world, machine);
	if (world->records)
		records_forget(world->records, machine);
	vip_instance_gone(world, &world->machines[machine]);
}

/* ---- scale and move ---- */

static int leave_workers(struct world *world, uint32_t app, uint32_t n_workers)
{
	if (world->app_on_all[app])
		return 0;
	uint32_t *on = arena_array(world->arena, world->app_n_on[app] + 1, sizeof *on);
	if (!on)
		return -ENOMEM;
	size_t n = 0;
	for (size_t i = 0; i < world->app_n_on[app]; i++)
		if (world->app_on[app][i] < n_workers)
			on[n++] = world->app_on[app][i];
	if (n == 0 && n_workers > 0)
		on[n++] = n_workers - 1;
	world->app_on[app] = on;
	world->app_n_on[app] = n;
	return 0;
}

static int scale(struct world *world, uint32_t index, const struct event_config *event)
{
	const struct ase_config *ase = &world->model->ases[event->ase];
	uint32_t before = world->workers[event->ase], after = event->workers;
	if (before == after) {
		inert(world, index, "it has that many workers already");
		return 0;
	}
	uint32_t first = machine_number(world, element_worker(world->model, event->ase, 0));
	for (uint32_t i = after; i < before; i++) {
		world->machines[first + i].exists = false;
		instance_gone(world, first + i);
	}
	for (uint32_t i = before; i < after; i++) {
		world->machines[first + i].exists = true;
		world->n_stopped -= !world->machines[first + i].up;
		world->machines[first + i].up = true;
	}
	world->workers[event->ase] = after;
	for (uint32_t a = ase->app_first; after < before && a < ase->app_first + ase->n_apps; a++) {
		int r = leave_workers(world, a, after);
		if (r < 0)
			return r;
	}
	return vip_resize(world, event->ase);
}

static bool same_workers(const struct world *world, const struct event_config *event)
{
	if (world->app_on_all[event->app] || world->app_n_on[event->app] != event->n_on)
		return false;
	return memcmp(world->app_on[event->app], event->on, event->n_on * sizeof *event->on) == 0;
}

static void move(struct world *world, uint32_t index, const struct event_config *event)
{
	if (same_workers(world, event)) {
		inert(world, index, "the app runs there already");
		return;
	}
	world->app_on_all[event->app] = false;
	world->app_on[event->app] = event->on;
	world->app_n_on[event->app] = event->n_on;
}

/* ---- links ---- */

static void change_class(struct world *world, uint32_t index, const struct event_config *event)
{
	struct link_properties before = world->links[event->link], *link = &world->links[event->link];
	if (event->has_state)
		link->up = event->up;
	if (event->has_latency)
		link->latency_ns = event->latency_ns;
	if (event->has_loss)
		link->loss_parts = event->loss_parts;
	if (before.up == link->up && before.latency_ns == link->latency_ns && before.loss_parts == link->loss_parts)
		inert(world, index, "the link is like that already");
	fabric_refresh(world);
}

static int change_edge(struct world *world, uint32_t index, const struct event_config *event)
{
	struct edge *edge = fabric_edge(world, event->edge[0], event->edge[1], true);
	if (!edge)
		return -ENOMEM;
	struct edge before = *edge;
	if (event->has_state)
		edge->up = event->up;
	if (event->has_latency) {
		edge->has_latency = true;
		edge->latency_ns = event->latency_ns;
	}
	if (event->has_loss) {
		edge->has_loss = true;
		edge->loss_parts = event->loss_parts;
	}
	if (before.up == edge->up && before.has_latency == edge->has_latency && before.latency_ns == edge->latency_ns &&
	    before.has_loss == edge->has_loss && before.loss_parts == edge->loss_parts)
		inert(world, index, "the link is like that already");
	return 0;
}

/* ---- addresses ---- */

static int change_address(struct world *world, uint32_t index, struct translator *translator, be32 address)
{
	if (be32_equal(translator->addr, address)) {
		inert(world, index, "that is its address already");
		return 0;
	}
	if (address_find(world, NONE, address) != NONE) {
		inert(world, index, "another element has that address at that time");
		return 0;
	}
	return translator_readdress(world, translator, address);
}

/* ---- peerings ---- */

static void set_switch(bool is_given, bool value, bool *ret_switch, bool *ret_changes)
{
	*ret_changes |= is_given && *ret_switch != value;
	*ret_switch = is_given ? value : *ret_switch;
}

static int change_peering(struct world *world, uint32_t index, const struct event_config *event)
{
	const struct peering_switches *given = &event->given, *to = &event->switches;
	struct peering_switches now = peering_side(world, event->vnet, event->peer)->switches;
	bool changes = false;
	set_switch(given->access, to->access, &now.access, &changes);
	set_switch(given->forwarded, to->forwarded, &now.forwarded, &changes);
	set_switch(given->gateway_transit, to->gateway_transit, &now.gateway_transit, &changes);
	set_switch(given->use_remote_gateway, to->use_remote_gateway, &now.use_remote_gateway, &changes);
	if (!changes) {
		inert(world, index, "the peering is like that already");
		return 0;
	}
	return peering_set(world, event->vnet, event->peer, &now);
}

/* ---- NAT ---- */

static int forget_mappings(struct world *world, uint32_t index, const struct event_config *event)
{
	size_t n;
	struct nat *nat = translator_at(world, event->nat)->nat;
	int r = nat_forget(nat, event->forgets_all ? NULL : &event->inside, world->now, &n);
	if (r == 0 && n == 0)
		inert(world, index, "it has no such mapping at that time");
	return r;
}

/* ---- stop and start ---- */

static void stop_or_start(struct world *world, uint32_t index, const struct event_config *event)
{
	uint32_t machine = world->nodes[event->target].index;
	bool up = event->kind == EVENT_START;
	if (!world->machines[machine].exists) {
		inert(world, index, "the instance does not exist at that time");
		return;
	}
	if (world->machines[machine].up == up) {
		inert(world, index, up ? "it runs already" : "it is stopped already");
		return;
	}
	world->machines[machine].up = up;
	world->n_stopped = up ? world->n_stopped - 1 : world->n_stopped + 1;
	if (!up)
		instance_gone(world, machine);
}

int timeline_apply(struct world *world, uint32_t index)
{
	const struct event_config *event = &world->model->events[index];
	switch (event->kind) {
	case EVENT_SCALE:
		return scale(world, index, event);
	case EVENT_MOVE:
		move(world, index, event);
		return 0;
	case EVENT_LINK_CLASS:
		change_class(world, index, event);
		return 0;
	case EVENT_LINK_EDGE:
		return change_edge(world, index, event);
	case EVENT_STOP:
	case EVENT_START:
		stop_or_start(world, index, event);
		return 0;
	case EVENT_NSG:
		security_set(world, event->nsg, &event->rules);
		if (!event->changes)
			inert(world, index, "the rules are like that already");
		return 0;
	case EVENT_ROUTE:
		if (!event->changes)
			inert(world, index, "the routes are like that already");
		return routing_set(world, event->route_table, event->routes, event->n_routes);
	case EVENT_FIREWALL:
		firewall_set_rules(world, event->firewall, &event->firewall_rules);
		return 0;
	case EVENT_VIP:
		return change_address(world, index, translator_at(world, world->model->elements->vip[event->ase]),
				      event->address);
	case EVENT_ADDRESS:
		return change_address(world, index, translator_at(world, event->nat), event->address);
	case EVENT_PEER:
		return change_peering(world, index, event);
	case EVENT_WAY_OUT:
		if (!subnet_set_way_out(world, event->subnet, event->way_out))
			inert(world, index, "the subnet leaves that way already");
		return 0;
	case EVENT_NAT:
		return forget_mappings(world, index, event);
	}
	return -EINVAL;
}

bool world_event_was_inert(const struct world *world, size_t event, const char **ret_why)
{
	/* The run may have ended before it. */
	if (!world->event_inert[event] &&
	    instant_before(world->now, (struct instant){world->model->events[event].at_ns})) {
		*ret_why = "the run ended before it";
		return true;
	}
	*ret_why = world->event_why[event];
	return world->event_inert[event];
}
