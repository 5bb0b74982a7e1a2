/* DOC: what the timeline changes of the network itself, with the time, in the boxes of what it changes: public addresses,
 * a subnet's NAT gateway, switches of a peering. A box lists the first few. */
#include "base/units.h"
#include "model/elements.h"
#include "view/drawing.h"

#define CHANGES 3 /* of one box, that are listed */

/* TOPOLOGY_NONE: it has none, or is not drawn. */
static uint32_t box_of(const struct network *network, const struct event_config *event)
{
	switch ((int)event->kind) {
	case EVENT_VIP:
		return network->box_of_node[network->model->elements->vip[event->ase]];
	case EVENT_ADDRESS:
		return network->box_of_node[event->nat];
	case EVENT_PEER:
		return network->box_of_vnet[event->vnet];
	case EVENT_WAY_OUT:
		return network->box_of_subnet[event->subnet];
	}
	return TOPOLOGY_NONE;
}

static void put_switch(struct buf *out, const char *name, bool is_given, bool value)
{
	if (is_given)
		buf_printf(out, "%s%s %s", out->size_bytes > 0 ? ", " : "", name, value ? "on" : "off");
}

static void peering(struct network *network, uint32_t box, const char *at, const struct event_config *event)
{
	struct buf text = {0};
	put_switch(&text, "access", event->given.access, event->switches.access);
	put_switch(&text, "forwarded", event->given.forwarded, event->switches.forwarded);
	put_switch(&text, "gateway transit", event->given.gateway_transit, event->switches.gateway_transit);
	put_switch(&text, "remote gateway", event->given.use_remote_gateway, event->switches.use_remote_gateway);
	network_line(network, box, "from %s on to %s: %s", at, network->model->vnets[event->peer].name,
		     buf_text(&text));
	network->failed |= buf_failed(&text);
	buf_free(&text);
}

static void line(struct network *network, uint32_t box, const struct event_config *event)
{
	char at[UNITS_TEXT_BYTES];
	units_print_duration(event->at_ns, at);
	if (event->kind == EVENT_PEER)
		peering(network, box, at, event);
	else if (event->kind == EVENT_WAY_OUT)
		network_line(network, box, "from %s on %s%s", at, event->way_out_name ? "NAT gateway " : "",
			     event->way_out_name ? event->way_out_name : "no NAT gateway");
	else
		network_line(network, box, "from %s on %s", at, network_addr(network, event->address));
}

static bool is_first(const struct network *network, size_t index, uint32_t box)
{
	for (size_t i = 0; i < index; i++)
		if (box_of(network, &network->model->events[i]) == box)
			return false;
	return true;
}

static void changes_of(struct network *network, size_t first, uint32_t box)
{
	unsigned n = 0;
	for (size_t i = first; i < network->model->n_events; i++)
		if (box_of(network, &network->model->events[i]) == box && n++ < CHANGES)
			line(network, box, &network->model->events[i]);
	if (n > CHANGES)
		network_line(network, box, "and %u changes more", n - CHANGES);
}

void network_changes(struct network *network)
{
	for (size_t i = 0; i < network->model->n_events && !network->failed; i++) {
		uint32_t box = box_of(network, &network->model->events[i]);
		if (box != TOPOLOGY_NONE && is_first(network, i, box))
			changes_of(network, i, box);
	}
}
