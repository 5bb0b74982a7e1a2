/* DOC: events of the timeline that change the network itself: the public address of what stands in it, and the switches of
 * one side of a peering. */
#include "model/elements.h"
#include "scenario/timeline.h"
#include <string.h>

/* ---- address ---- */

/* The rule whose machines have ports at several frontends, of which this is one; NULL. */
static const struct outbound_config *shared_rule(const struct model *model, uint32_t frontend)
{
	for (size_t i = 0; i < model->n_balancers; i++)
		for (size_t k = 0; k < model->balancers[i].n_outbound; k++) {
			const struct outbound_config *rule = &model->balancers[i].outbound[k];
			for (size_t n = 0; rule->n_frontends > 1 && n < rule->n_frontends; n++)
				if (rule->frontends[n] == frontend)
					return rule;
		}
	return NULL;
}

static uint32_t whose_address(struct decoder *d, const char *name, struct place place)
{
	const struct model *model = d->model;
	uint32_t element = strchr(name, '/') ? NONE : element_find_nat(model, name);
	bool is_site = element == NONE && find_by_name(model->sites, model->n_sites, name) != NONE;
	if (is_site)
		diag_error(d->diags, place, "give it one: `nat: {profile: home, address: 203.0.113.5}`",
			   "site `%s` has no NAT, and no address of its own", name);
	if (is_site || (element == NONE && !parse_point(d, name, place, &element)))
		return NONE;
	const struct element *at = element_at(model, element);
	bool changes = at->kind == ELEMENT_SITE_NAT ||
		       (element_is_of_kinds(at->kind) && element_is_nat_alone(at->kind) && at->nat) ||
		       (at->kind == ELEMENT_FRONTEND && !model->frontends[at->owner].is_internal);
	if (!changes) {
		diag_error(d->diags, place,
			   "a site with a NAT, a NAT gateway, or BALANCER/FRONTEND of a public frontend; of an "
			   "environment `vip: ASE, to: ADDRESS`",
			   "`%s` has no public address that can change", name);
		return NONE;
	}
	if (at->kind != ELEMENT_FRONTEND && at->nat && at->nat->n_addresses > 1) {
		diag_error(d->diags, place, "give it one address",
			   "`%s` has %zu addresses, and the event does not say which one changes", name,
			   (size_t)at->nat->n_addresses);
		return NONE;
	}
	const struct outbound_config *rule = at->kind == ELEMENT_FRONTEND ? shared_rule(model, at->owner) : NULL;
	if (rule) {
		diag_error(d->diags, place, "name a frontend that lets machines out by itself, or none",
			   "outbound rule `%s` has several frontends, and `%s` is one: its address stays", rule->name,
			   name);
		return NONE;
	}
	return element;
}

bool decode_address_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	char text[ADDR_TEXT_BYTES];
	const char *name = decode_text(d, node, SECTION_EVENT, "address");
	event->kind = EVENT_ADDRESS;
	event->nat = name ? whose_address(d, name, decode_place(node, "address")) : NONE;
	if (!decode_has(node, "to")) {
		lacks(d, node, "to: 203.0.113.5, a public address that no element has", "`address` needs `to`");
		return false;
	}
	if (!decode_address(d, node, SECTION_EVENT, "to", &event->address) || event->nat == NONE)
		return false;
	check_public(d, event->address, decode_place(node, "to"));
	event->text = arena_printf(d->arena, "address of %s becomes %s", name, addr_print(event->address, text));
	return true;
}

/* ---- peer ---- */

static uint32_t find_vnet(struct decoder *d, const struct tree *node, const char *key)
{
	const struct model *model = d->model;
	if (!decode_has(node, key)) {
		lacks(d, node, "peer: VNET, with: VNET, set: {access: false}",
		      arena_printf(d->arena, "`peer` needs `%s`", key));
		return NONE;
	}
	const char *name = decode_text(d, node, SECTION_EVENT, key);
	uint32_t vnet = name ? find_by_name(model->vnets, model->n_vnets, name) : NONE;
	if (name && vnet == NONE)
		unknown_name(d, decode_place(node, key), "VNet", name, model->vnets, model->n_vnets,
			     sizeof *model->vnets);
	return vnet;
}

static bool has_side(const struct vnet_config *vnet, uint32_t other)
{
	for (size_t i = 0; i < vnet->n_peerings; i++)
		if (vnet->peerings[i].vnet == other)
			return true;
	return false;
}

static bool has_gateway(const struct model *model, uint32_t vnet)
{
	for (size_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_gateway && model->sites[i].vnet == vnet)
			return true;
	return false;
}

/* What cannot be at that side: as of `peers` at the start. */
static bool can_use_remote_gateway(struct decoder *d, const struct tree *set, const struct event_config *event)
{
	const struct vnet_config *vnet = &d->model->vnets[event->vnet], *other = &d->model->vnets[event->peer];
	if (!event->switches.use_remote_gateway)
		return true;
	if (has_gateway(d->model, event->vnet))
		diag_error(d->diags, decode_place(set, "use_remote_gateway"), "leave one of the two out",
			   "`%s` has a gateway of its own, and cannot use that of `%s` besides", vnet->name,
			   other->name);
	else if (!has_gateway(d->model, event->peer))
		diag_error(d->diags, decode_place(set, "use_remote_gateway"),
			   arena_printf(d->arena, "join a site to it, `gateway: {vnet: %s, ...}`, or leave this out",
					other->name),
			   "`%s` has no gateway that `%s` could use", other->name, vnet->name);
	else
		return true;
	return false;
}

static void decode_switch(struct decoder *d, const struct tree *set, const char *key, bool *ret_given, bool *ret)
{
	*ret_given = decode_has(set, key);
	if (*ret_given)
		(void)decode_bool(d, set, SECTION_PEERING, key, ret);
}

bool decode_peer_event(struct decoder *d, const struct tree *node, struct event_config *event)
{
	const struct tree *set = tree_get(node, "set");
	event->kind = EVENT_PEER;
	event->vnet = find_vnet(d, node, "peer");
	event->peer = find_vnet(d, node, "with");
	if (!set) {
		lacks(d, node, "set: {access: false}", "`peer` needs `set`");
		return false;
	}
	if (!decode_section(d, set, SECTION_PEERING) || event->vnet == NONE || event->peer == NONE)
		return false;
	const struct vnet_config *vnet = &d->model->vnets[event->vnet], *other = &d->model->vnets[event->peer];
	if (event->vnet == event->peer) {
		diag_error(d->diags, decode_place(node, "with"), "name another VNet", "VNet `%s` is no peer of itself",
			   vnet->name);
		return false;
	}
	if (!has_side(vnet, event->peer)) {
		diag_error(d->diags, decode_place(node, "with"),
			   arena_printf(d->arena, "give it one: `peers: {%s: {}}` of `%s`", other->name, vnet->name),
			   "`%s` has no side of a peering with `%s`", vnet->name, other->name);
		return false;
	}
	decode_switch(d, set, "access", &event->given.access, &event->switches.access);
	decode_switch(d, set, "forwarded", &event->given.forwarded, &event->switches.forwarded);
	decode_switch(d, set, "gateway_transit", &event->given.gateway_transit, &event->switches.gateway_transit);
	decode_switch(d, set, "use_remote_gateway", &event->given.use_remote_gateway,
		      &event->switches.use_remote_gateway);
	event->text = arena_printf(d->arena, "peering of %s with %s changes", vnet->name, other->name);
	if (!set->first)
		diag_error(d->diags, set->place, "set: {access: false}", "`set` names no switch");
	return set->first && can_use_remote_gateway(d, set, event);
}
