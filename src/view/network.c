/* DOC: the network of a scenario as boxes. What there is many of is drawn up to a number that one can look at, and a
 * box says how many more there are; what a call passes is always drawn. Things that only carry packets (a region, the
 * backbone, the Internet) are the boxes around, so that a way can cross them. Instances that the timeline adds later
 * are drawn with a broken line. */
#include "view/drawing.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MANY_BOXES 500u /* where there are more, less of each is drawn */

/* A picture fits a screen and a slide: the first of these that does. */
#define FIT_WIDTH 1400
#define FIT_HEIGHT 900
#define FIT_TOP 46
#define DRAWN(n_hosts, n_instances, n_vnets, n_subnets, n_sites)                                                       \
	.hosts = (n_hosts), .instances = (n_instances), .vnets = (n_vnets), .subnets = (n_subnets), .sites = (n_sites)
#define USUAL DRAWN(12, 6, 24, 16, 24)
#define FEW DRAWN(3, 2, 8, 3, 6)
#define FEWEST DRAWN(2, 2, 3, 2, 4)
static const struct network_limits limits[] = {
	{USUAL},
	{USUAL, .folded_max = 96, .row_width = 640},
	{USUAL, .brief = true, .folded_max = 96, .row_width = 720},
	{USUAL, .brief = true, .folded_max = 12, .row_width = 720},
	{FEW, .brief = true, .folded_max = 96, .row_width = 720},
	{FEW, .brief = true, .folded_max = 12, .row_width = 720},
	{FEWEST, .brief = true, .folded_max = 6, .row_width = 720},
};
#define N_LIMITS (sizeof limits / sizeof *limits)

/* An address beside the box whose it is, in the column of its region. */
static uint32_t add_address(struct network *network, uint32_t region, uint32_t beside, const char *name, be32 addr,
			    uint32_t node)
{
	uint32_t box = network_add(network, TOPOLOGY_ADDRESS, region, name, network_addr(network, addr));
	if (network->failed)
		return box;
	network->boxes[box].beside = beside;
	if (element_is_end_point(element_at(network->model, node)->kind))
		network->own_address_of_node[node] = box;
	else
		network_is_node(network, box, node);
	network_hover(network, box, "%s", element_at(network->model, node)->description);
	return box;
}

/* What stands by a name of its own in the network, and in none of its subnets. */
static void add_kinds(struct network *network, uint32_t region, uint32_t beside, uint32_t vnet)
{
	for (uint32_t i = 0; i < network->model->elements->n; i++) {
		const struct element *element = element_at(network->model, i);
		if (element_is_of_kinds(element->kind) && element->realm == vnet && element->subnet == NONE)
			(void)add_address(network, region, beside, element->name, element->addr, i);
	}
}

static void add_subnet(struct network *network, uint32_t region, uint32_t vnet, uint32_t subnet)
{
	const struct model *model = network->model;
	const struct subnet_config *config = &model->subnets[subnet];
	uint32_t box = network_add(network, TOPOLOGY_SUBNET, vnet, config->name,
				   network_prefixes(network, config->cidrs, config->n_cidrs));
	if (!network->failed)
		network->box_of_subnet[subnet] = box;
	network_nsg(network, box, config->nsg);
	network_routes(network, box, config->routes);
	network_ways(network, box, config);
	for (uint32_t i = 0; i < model->n_ases; i++) {
		if (model->ases[i].subnet != subnet)
			continue;
		uint32_t environment = network_add_environment(network, box, i);
		uint32_t node = model->elements->vip[i];
		uint32_t vip = add_address(network, region, environment, element_at(model, node)->name,
					   element_at(model, node)->addr, node);
		network_pool(network, vip, &model->ases[i].snat, element_at(model, node)->addr);
		if (model->elements->internal[i] != NONE) {
			uint32_t chip = network_add(network, TOPOLOGY_CHIP, environment, "internal",
						    network_addr(network, model->ases[i].internal));
			network_is_node(network, chip, model->elements->internal[i]);
		}
	}
	network_add_kinds(network, box, subnet);
	network_add_integrated_apps(network, region, box, subnet);
	network_add_hosts(network, box, HOST_VM, subnet);
	network_add_internal_frontends(network, box, subnet);
	for (uint32_t i = 0, n = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		uint32_t node = model->elements->host[i];
		if (host->kind != HOST_VM || host->subnet != subnet || host->public_ip.raw == 0)
			continue;
		const char *name = network_text(network, arena_printf(network->arena, "%s's own", host->name));
		if (n++ < network->limits->hosts || network_wants(network, node))
			(void)add_address(network, region, box, name, host->public_ip, node);
	}
}

/* Is something of it on the way of a call? */
static bool wants_subnet(const struct network *network, uint32_t subnet)
{
	const struct model *model = network->model;
	for (uint32_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].kind == HOST_VM && model->hosts[i].subnet == subnet &&
		    network_wants(network, model->elements->host[i]))
			return true;
	for (uint32_t i = 0; i < model->n_ases; i++)
		if (model->ases[i].subnet == subnet && network_wants_environment(network, i))
			return true;
	for (uint32_t i = 0; i < model->n_frontends; i++)
		if (element_of_frontend(model, i)->subnet == subnet &&
		    network_wants(network, model->elements->frontend[i]))
			return true;
	return network_wants_integrated_app(network, subnet) || network_wants_kinds(network, subnet);
}

/* Or what stands beside it: a frontend, a NAT gateway, the address that Azure lends. */
static bool wants_vnet(const struct network *network, uint32_t vnet)
{
	for (uint32_t i = 0; i < network->model->elements->n; i++)
		if (network_wants(network, i) && element_at(network->model, i)->realm == vnet)
			return true;
	for (uint32_t i = 0; i < network->model->n_subnets; i++)
		if (network->model->subnets[i].vnet == vnet && wants_subnet(network, i))
			return true;
	return false;
}

/* What has environments counts apart: they are what a scenario is about. */
static bool has_environment(const struct network *network, uint32_t vnet, uint32_t subnet)
{
	const struct model *model = network->model;
	for (size_t i = 0; i < model->n_ases; i++)
		if (subnet == NONE ? model->subnets[model->ases[i].subnet].vnet == vnet
				   : model->ases[i].subnet == subnet)
			return true;
	return false;
}

static void add_subnets(struct network *network, uint32_t region, uint32_t vnet, uint32_t box)
{
	uint32_t n[2] = {0, 0}, n_left = 0;
	const uint32_t *order = NETWORK_ORDER(network, network->model->subnets, network->model->n_subnets);
	for (uint32_t k = 0; order && k < network->model->n_subnets; k++) {
		uint32_t i = order[k];
		if (network->model->subnets[i].vnet != vnet)
			continue;
		if (n[has_environment(network, vnet, i)]++ < network->limits->subnets || wants_subnet(network, i))
			add_subnet(network, region, box, i);
		else
			n_left++;
	}
	network_add_more(network, box, n_left, "subnets");
}

/* ---- networks that are one box ---- */

/* A machine that forwards, a gateway's network, and the network with most peerings are what others lead to. */
static bool is_hub(const struct network *network, uint32_t vnet)
{
	const struct model *model = network->model;
	size_t most = 2;
	for (size_t i = 0; i < model->n_vnets; i++)
		most = model->vnets[i].n_peers > most ? model->vnets[i].n_peers : most;
	for (size_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].kind == HOST_VM && model->hosts[i].forwards &&
		    model->subnets[model->hosts[i].subnet].vnet == vnet)
			return true;
	for (size_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_gateway && model->sites[i].vnet == vnet)
			return true;
	return model->vnets[vnet].n_peers == most;
}

/* A firewall, a NAT gateway, a frontend of a balancer and the like: what a picture has to show of a network. */
static bool has_things(const struct network *network, uint32_t vnet)
{
	const struct model *model = network->model;
	for (uint32_t i = 0; i < model->n_frontends; i++)
		if (model->balancers[model->frontends[i].balancer].vnet == vnet)
			return true;
	for (uint32_t i = 0; i < model->elements->n; i++) {
		const struct element *element = element_at(model, i);
		if ((element_is_of_kinds(element->kind) && element->realm == vnet) ||
		    (element->kind == ELEMENT_APP_INSTANCE && element->vnet == vnet))
			return true;
	}
	return false;
}

static bool is_folded(const struct network *network, uint32_t vnet)
{
	return network->limits->folded_max > 0 && !has_environment(network, vnet, NONE) && !wants_vnet(network, vnet) &&
	       !is_hub(network, vnet) && (network->limits->brief || !has_things(network, vnet));
}

static const char *counted(struct network *network, size_t n, const char *what)
{
	return network_text(network, arena_printf(network->arena, "%zu %s%s", n, what, n == 1 ? "" : "s"));
}

/* "10.7.0.0/16", "2 subnets, 3 hosts", and by which appliance its routes lead. */
static void add_folded(struct network *network, uint32_t region, uint32_t vnet)
{
	const struct model *model = network->model;
	const struct vnet_config *config = &model->vnets[vnet];
	const struct route_table_config *table = NULL;
	size_t n_subnets = 0, n_hosts = 0;
	uint32_t box = network_add(network, TOPOLOGY_CHIP, region, config->name,
				   network_prefixes(network, config->space, config->n_space < 1 ? 0 : 1));
	if (network->failed)
		return;
	network->box_of_vnet[vnet] = box;
	for (size_t i = 0; i < model->n_subnets; i++) {
		if (model->subnets[i].vnet != vnet)
			continue;
		n_subnets++;
		network_hover(network, box, "subnet %s %s", model->subnets[i].name,
			      network_prefixes(network, &model->subnets[i].cidr, 1));
		if (model->subnets[i].routes != NONE)
			table = &model->route_tables[model->subnets[i].routes];
	}
	for (size_t i = 0; i < model->n_hosts; i++)
		n_hosts += model->hosts[i].kind == HOST_VM && model->subnets[model->hosts[i].subnet].vnet == vnet;
	if (network->limits->brief) {
		network_hover(network, box, "%s", counted(network, n_hosts, "host"));
		return;
	}
	network_line(network, box, "%s, %s", counted(network, n_subnets, "subnet"), counted(network, n_hosts, "host"));
	for (size_t i = 0; table && i < table->n_routes; i++)
		if (table->routes[i].hop == HOP_APPLIANCE) {
			network_line(network, box, "routes by %s", next_hop_name(model, table->routes[i].target));
			break;
		}
}

/* Public frontends stand beside the network of their machines, internal ones in their subnets. */
static void add_frontends(struct network *network, uint32_t region, uint32_t vnet, uint32_t box)
{
	const struct model *model = network->model;
	for (uint32_t i = 0; i < model->n_frontends; i++) {
		const struct element *frontend = element_of_frontend(model, i);
		if (frontend->vnet != NONE || model->balancers[model->frontends[i].balancer].vnet != vnet)
			continue;
		uint32_t chip =
			add_address(network, region, box, frontend->name, frontend->addr, model->elements->frontend[i]);
		network_frontend(network, chip, i);
	}
}

static void add_vnet(struct network *network, uint32_t region, uint32_t vnet)
{
	const struct model *model = network->model;
	const struct vnet_config *config = &model->vnets[vnet];
	uint32_t box = network_add(network, TOPOLOGY_VNET, region, config->name,
				   network_prefixes(network, config->space, config->n_space));
	if (!network->failed)
		network->box_of_vnet[vnet] = box;
	network_peerings(network, box, vnet);
	add_subnets(network, region, vnet, box);
	add_kinds(network, region, box, vnet);
	add_frontends(network, region, vnet, box);
	const struct element *lent = element_at(model, model->elements->lent[vnet]);
	if (lent->nat)
		(void)add_address(network, region, box, lent->name, lent->addr, model->elements->lent[vnet]);
}

static void add_services(struct network *network, uint32_t region, uint32_t index, bool dns)
{
	bool azure_dns = dns && index == 0;
	if (!network_has_hosts(network, HOST_SERVICE, index) && !network_has_apps(network, index) && !azure_dns)
		return;
	uint32_t box = network_add(network, TOPOLOGY_SERVICES, region, "platform services", NULL);
	network_add_hosts(network, box, HOST_SERVICE, index);
	network_add_apps(network, box, index);
	if (!azure_dns)
		return;
	uint32_t chip =
		network_add(network, TOPOLOGY_CHIP, box, "azure-dns", network_addr(network, be32_from(AZURE_DNS_ADDR)));
	network_is_node(network, chip, network->model->elements->azure_dns);
}

static void add_vnets(struct network *network, uint32_t region, uint32_t box)
{
	const struct model *model = network->model;
	uint32_t n[2] = {0, 0}, n_left = 0, n_folded = 0;
	const uint32_t *order = NETWORK_ORDER(network, model->vnets, model->n_vnets);
	for (uint32_t k = 0; order && k < model->n_vnets; k++) {
		uint32_t i = order[k];
		if (model->vnets[i].region != region || is_folded(network, i))
			continue;
		if (network->in_focus && !network->in_focus[i] && !wants_vnet(network, i))
			n_left++;
		else if (n[has_environment(network, i, NONE)]++ < network->limits->vnets || wants_vnet(network, i))
			add_vnet(network, box, i);
		else
			n_left++;
	}
	for (uint32_t k = 0; order && k < model->n_vnets; k++) {
		uint32_t i = order[k];
		if (model->vnets[i].region != region || !is_folded(network, i))
			continue;
		if ((network->in_focus && !network->in_focus[i]) || n_folded++ >= network->limits->folded_max)
			n_left++;
		else
			add_folded(network, box, i);
	}
	network_add_more(network, box, n_left, "virtual networks");
}

/* Where a scenario has nothing in Azure there is a region all the same, the one that need not be named. */
static bool is_empty(const struct network *network, uint32_t region)
{
	for (uint32_t i = 0; i < network->model->n_vnets; i++)
		if (network->model->vnets[i].region == region)
			return false;
	return !network_has_hosts(network, HOST_SERVICE, region) && !network_has_apps(network, region) &&
	       !network_wants(network, element_of_region(region)) &&
	       !network_wants(network, network->model->elements->azure_dns);
}

static void add_region(struct network *network, uint32_t index)
{
	if (is_empty(network, index) && network->model->n_regions == 1)
		return;
	uint32_t box = network_add(network, TOPOLOGY_REGION, TOPOLOGY_NONE, network->model->regions[index].name,
				   "Azure region");
	network_is_node(network, box, element_of_region(index));
	add_vnets(network, index, box);
	add_services(network, box, index, network_wants(network, network->model->elements->azure_dns));
}

static int draw(struct network *network, const struct pp_run *run, const struct network_limits *within)
{
	uint32_t n_nodes = world_n_nodes(run->world);
	const struct model *model = run->model;
	network->limits = within;
	network->n = 0;
	network->n_joins = 0;
	for (size_t i = 0; i < model->n_vnets; i++)
		network->box_of_vnet[i] = TOPOLOGY_NONE;
	for (size_t i = 0; i < model->n_subnets; i++)
		network->box_of_subnet[i] = TOPOLOGY_NONE;
	memset(network->nsg_shown, 0, model->n_nsgs * sizeof *network->nsg_shown);
	memset(network->table_shown, 0, model->n_route_tables * sizeof *network->table_shown);
	for (uint32_t i = 0; i < n_nodes; i++)
		network->box_of_node[i] = network->own_address_of_node[i] = TOPOLOGY_NONE;
	for (uint32_t i = 0; i < run->model->n_regions; i++)
		add_region(network, i);
	if (run->model->n_regions > 1) {
		uint32_t box = network_add(network, TOPOLOGY_BACKBONE, TOPOLOGY_NONE, "backbone", NULL);
		network_is_node(network, box, element_backbone(network->model));
	}
	network_add_sites(network);
	network_add_internet(network);
	network_changes(network);
	network_add_joins(network);
	return network->failed ? -ENOMEM : 0;
}

/* Of the list of stops under the picture of a call. */
static int stops_height(const struct network *network)
{
	int height = network->wanted ? TOPOLOGY_LEG_ROOM : 0;
	for (uint32_t i = 0; network->wanted && i < world_n_nodes(network->world); i++)
		height += network->wanted[i] ? TOPOLOGY_STOP_ROOM : 0;
	return height;
}

static bool fits(const struct network *network)
{
	struct topology topology = {.title = "",
				    .boxes = network->boxes,
				    .n_boxes = network->n,
				    .joins = network->joins,
				    .n_joins = network->n_joins,
				    .row_width = network->limits->row_width};
	if (network->n > MANY_BOXES)
		return false;
	topology_layout(&topology, FIT_TOP);
	return topology.width <= FIT_WIDTH && topology.height + stops_height(network) <= FIT_HEIGHT;
}

int network_draw(struct network *network, struct arena *arena, const struct pp_run *run, const bool *wanted,
		 const bool *in_focus)
{
	const struct model *model = run->model;
	uint32_t n_nodes = world_n_nodes(run->world);
	*network = (struct network){
		.arena = arena, .model = run->model, .world = run->world, .wanted = wanted, .in_focus = in_focus};
	network->box_of_node = arena_array(arena, n_nodes, sizeof *network->box_of_node);
	network->own_address_of_node = arena_array(arena, n_nodes, sizeof *network->own_address_of_node);
	network->box_of_vnet = arena_array(arena, model->n_vnets + 1, sizeof *network->box_of_vnet);
	network->box_of_subnet = arena_array(arena, model->n_subnets + 1, sizeof *network->box_of_subnet);
	network->nsg_shown = arena_array(arena, model->n_nsgs + 1, sizeof *network->nsg_shown);
	network->table_shown = arena_array(arena, model->n_route_tables + 1, sizeof *network->table_shown);
	if (!network->box_of_node || !network->own_address_of_node || !network->box_of_vnet ||
	    !network->box_of_subnet || !network->nsg_shown || !network->table_shown)
		return -ENOMEM;
	int r = draw(network, run, &limits[0]);
	for (size_t i = 1; r == 0 && i < N_LIMITS && !fits(network); i++)
		r = draw(network, run, &limits[i]);
	return r;
}
