/* DOC: what joins boxes without any packet: peerings of virtual networks, appliances that routes name as next hops, and
 * the ways of regions and private networks to the Internet. Things that are not drawn are not joined. */
#include "view/drawing.h"
#include <string.h>

static void add(struct network *network, enum topology_join_kind kind, uint32_t from, uint32_t to)
{
	if (network->failed || from == TOPOLOGY_NONE || to == TOPOLOGY_NONE || from == to)
		return;
	for (size_t i = 0; i < network->n_joins; i++)
		if (network->joins[i].kind == kind && network->joins[i].from == from && network->joins[i].to == to)
			return;
	if (network->n_joins == network->capacity_joins) {
		size_t capacity = network->capacity_joins ? 2 * network->capacity_joins : 32;
		struct topology_join *grown = arena_array(network->arena, capacity, sizeof *grown);
		if (!grown) {
			network->failed = true;
			return;
		}
		if (network->n_joins > 0)
			memcpy(grown, network->joins, network->n_joins * sizeof *grown);
		network->joins = grown;
		network->capacity_joins = capacity;
	}
	network->joins[network->n_joins++] = (struct topology_join){kind, from, to};
}

static void add_peerings(struct network *network)
{
	const struct model *model = network->model;
	for (uint32_t i = 0; i < model->n_vnets; i++)
		for (size_t k = 0; k < model->vnets[i].n_peers; k++)
			if (model->vnets[i].peers[k] > i)
				add(network, TOPOLOGY_PEERING, network->box_of_vnet[i],
				    network->box_of_vnet[model->vnets[i].peers[k]]);
}

/* A line is drawn within a region, where a channel is free for it. */
static bool is_drawn(const struct network *network, size_t subnet, uint32_t hop)
{
	const struct model *model = network->model;
	const struct element *element = element_at(model, next_hop_element(model, hop));
	return network->box_of_subnet[subnet] != TOPOLOGY_NONE && element->subnet != subnet &&
	       model->vnets[model->subnets[subnet].vnet].region == model->vnets[element->vnet].region;
}

/* Other subnets are counted at the appliance. */
static void count_next_hops(struct network *network)
{
	const struct model *model = network->model;
	for (uint32_t i = 0; i < model->n_hosts; i++) {
		uint32_t box = network->box_of_node[model->elements->host[i]];
		size_t n = 0;
		for (size_t k = 0; k < model->n_subnets && box != TOPOLOGY_NONE && model->hosts[i].forwards; k++) {
			const struct route_table_config *table =
				model->subnets[k].routes != NONE && !is_drawn(network, k, i)
					? &model->route_tables[model->subnets[k].routes]
					: NULL;
			bool leads = false;
			for (size_t r = 0; table && r < table->n_routes; r++)
				leads |= table->routes[r].hop == HOP_APPLIANCE && table->routes[r].target == i;
			n += leads;
		}
		if (n > 0)
			network_line(network, box, "next hop of %zu more subnet%s", n, n == 1 ? "" : "s");
	}
}

static void add_next_hops(struct network *network)
{
	const struct model *model = network->model;
	count_next_hops(network);
	for (uint32_t i = 0; i < model->n_subnets; i++) {
		if (model->subnets[i].routes == NONE)
			continue;
		const struct route_table_config *table = &model->route_tables[model->subnets[i].routes];
		for (size_t k = 0; k < table->n_routes; k++)
			if (table->routes[k].hop == HOP_APPLIANCE && is_drawn(network, i, table->routes[k].target))
				add(network, TOPOLOGY_NEXT_HOP, network->box_of_subnet[i],
				    network->box_of_node[next_hop_element(model, table->routes[k].target)]);
	}
}

static void add_ways_out(struct network *network)
{
	const struct model *model = network->model;
	uint32_t internet = network->box_of_node[element_internet(model)];
	for (uint32_t i = 0; i < model->n_regions; i++)
		add(network, TOPOLOGY_WAY_OUT, network->box_of_node[element_of_region(i)], internet);
	for (uint32_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_nat)
			add(network, TOPOLOGY_WAY_OUT, network->box_of_node[model->elements->nat[i]], internet);
}

void network_add_joins(struct network *network)
{
	if (network->failed)
		return;
	add_peerings(network);
	add_next_hops(network);
	add_ways_out(network);
}
