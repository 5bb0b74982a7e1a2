/* DOC: security groups and route tables in small print: the first few of their rules, and how many more there are; all
 * of them where the pointer rests. */
#include "view/drawing.h"
#include <inttypes.h>

#define SHOWN 4u
#define HOVERED 40u
#define INDENT "- "

static void addresses(struct buf *out, const struct nsg_address *items, uint32_t n)
{
	char printed[PREFIX_TEXT_BYTES];
	for (uint32_t i = 0; i < n && i < 3; i++)
		buf_printf(out, "%s%s", i > 0 ? "," : "",
			   items[i].tag == NSG_PREFIX ? prefix_print(items[i].prefix, printed)
						      : nsg_address_name(&items[i]));
	if (n > 3)
		buf_printf(out, ",+%" PRIu32, n - 3);
}

static void ports(struct buf *out, const struct nsg_ports *items, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < 4; i++) {
		buf_putc(out, i > 0 ? ',' : ':');
		if (items[i].first == 0 && items[i].last == UINT16_MAX)
			buf_puts(out, "any");
		else if (items[i].first == items[i].last)
			buf_printf(out, "%u", items[i].first);
		else
			buf_printf(out, "%u-%u", items[i].first, items[i].last);
	}
	if (n > 4)
		buf_printf(out, ",+%" PRIu32, n - 4);
}

/* "in 100 deny tcp internet to any:443 (deny-rest)" */
static const char *rule_text(struct network *network, unsigned direction, const struct nsg_rule *rule)
{
	struct buf text = {0};
	buf_printf(&text, "%s %u %s %s ", direction == NSG_INBOUND ? "in" : "out", rule->priority,
		   rule->allow ? "allow" : "DENY", rule->proto == NSG_ANY_PROTO ? "any" : proto_name(rule->proto));
	addresses(&text, rule->src, rule->n_src);
	buf_puts(&text, " to ");
	addresses(&text, rule->dst, rule->n_dst);
	ports(&text, rule->dst_ports, rule->n_dst_ports);
	buf_printf(&text, " (%s)", rule->name);
	const char *made = buf_failed(&text) ? NULL : arena_strdup(network->arena, buf_text(&text));
	buf_free(&text);
	return network_text(network, made);
}

void network_nsg(struct network *network, uint32_t box, uint32_t nsg)
{
	if (nsg == NONE || network->failed)
		return;
	const struct nsg_config *config = &network->model->nsgs[nsg];
	uint32_t n = config->rules.n[NSG_INBOUND] + config->rules.n[NSG_OUTBOUND], shown = 0;
	bool leaf = topology_is_leaf(&network->boxes[box]), again = network->nsg_shown[nsg];
	network_line(network, box, leaf ? "NSG %s" : again ? "NSG %s, as above" : "NSG %s", config->name);
	network->nsg_shown[nsg] |= !leaf;
	network_hover(network, box, "NSG %s, then the platform's own rules", config->name);
	for (unsigned direction = 0; direction < NSG_DIRECTION_COUNT; direction++) {
		for (uint32_t i = 0; i < config->rules.n[direction] && shown < HOVERED; i++, shown++) {
			const char *text = rule_text(network, direction, &config->rules.rules[direction][i]);
			network_hover(network, box, "  %s", text);
			if (!leaf && !again && shown < SHOWN)
				network_line(network, box, INDENT "%s", text);
		}
	}
	if (!leaf && !again && n > SHOWN)
		network_line(network, box, INDENT "and %" PRIu32 " more rules", n - SHOWN);
	if (n > HOVERED)
		network_hover(network, box, "  and %" PRIu32 " more rules", n - HOVERED);
}

void network_routes(struct network *network, uint32_t box, uint32_t index)
{
	if (index == NONE)
		return;
	const struct route_table_config *table = &network->model->route_tables[index];
	bool again = network->table_shown[index];
	network->table_shown[index] = true;
	network_line(network, box, "Route table %s%s%s", table->name,
		     table->gateway_routes ? "" : ", without routes of gateways", again ? ", as above" : "");
	network_hover(network, box, "Route table %s", table->name);
	for (size_t i = 0; i < table->n_routes && i < HOVERED; i++) {
		const struct route *route = &table->routes[i];
		char printed[PREFIX_TEXT_BYTES];
		const char *hop = route->hop == HOP_APPLIANCE ? next_hop_name(network->model, route->target)
				  : route->hop == HOP_FRONTEND
					  ? element_of_frontend(network->model, route->target)->name
					  : route_hop_name(route->hop);
		const char *to = route->tag ? route->tag->name : prefix_print(route->prefix, printed);
		network_hover(network, box, "  %s to %s (%s)", to, hop, route->name);
		if (i < SHOWN && !again)
			network_line(network, box, INDENT "%s to %s (%s)", to, hop, route->name);
	}
	if (table->n_routes > SHOWN && !again)
		network_line(network, box, INDENT "and %zu more routes", table->n_routes - SHOWN);
}

/* "peered with hub, not forwarded, by its gateway": what the switches take away or add. */
static void peering_line(struct network *network, uint32_t box, uint32_t vnet, const struct peering_config *side)
{
	const struct model *model = network->model;
	bool is_whole = false;
	for (size_t i = 0; i < model->vnets[vnet].n_peers; i++)
		is_whole |= model->vnets[vnet].peers[i] == side->vnet;
	network_hover(network, box, "%s %s%s%s%s", is_whole ? "peered with" : "half a peering with",
		      model->vnets[side->vnet].name, side->switches.access ? "" : ", no access",
		      side->switches.forwarded ? "" : ", nothing forwarded",
		      model->vnets[vnet].remote == side->vnet ? ", uses its gateway" : "");
}

void network_peerings(struct network *network, uint32_t box, uint32_t vnet)
{
	const struct vnet_config *config = &network->model->vnets[vnet];
	for (size_t i = 0; i < config->n_peerings && i < HOVERED; i++)
		peering_line(network, box, vnet, &config->peerings[i]);
	if (config->n_peerings > HOVERED)
		network_hover(network, box, "and with %zu more", config->n_peerings - HOVERED);
}

void network_ways(struct network *network, uint32_t box, const struct subnet_config *subnet)
{
	if (subnet->is_private)
		network_line(network, box, "private: no address is lent");
	for (size_t i = 0; i < subnet->n_service_endpoints; i++)
		network_line(network, box, "service endpoint %s", subnet->service_endpoints[i]);
	if (subnet->endpoint_policies != POLICIES_NONE)
		network_line(network, box, "policies of endpoints: %s",
			     endpoint_policies_name(subnet->endpoint_policies));
}
