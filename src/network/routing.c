/* DOC: the effective routes of each subnet, made when the world is and whenever a table changes: the user's, the
 * gateways' (what sites advertise by BGP), and the system's. Which of them wins is rule/route.h's.
 *
 * System routes (azure-docs: virtual-networks-udr-overview): the VNet's space and its peers'; 0.0.0.0/0 to the
 * Internet; four prefixes of private space to nowhere. A space that equals one of the four, or contains it, takes that
 * one's place; a user's default route takes three of them away. */
#include "model/decided_by.h"
#include "network/world_internal.h"
#include <errno.h>
#include <string.h>

static const struct {
	uint32_t addr;
	uint8_t length;
	bool goes; /* with a user's default route */
} private_space[] = {{0x0a000000, 8, true}, {0xac100000, 12, false}, {0xc0a80000, 16, true}, {0x64400000, 10, true}};
#define N_PRIVATE (sizeof private_space / sizeof *private_space)

struct list {
	struct world *world;
	struct route *routes;
	size_t n;
};

static void add(struct list *list, struct route route)
{
	char text[PREFIX_TEXT_BYTES];
	if (!route.name)
		route.name = arena_strdup(list->world->arena, prefix_print(route.prefix, text));
	if (!route.name)
		world_fail(list->world, -ENOMEM);
	list->routes[list->n++] = route;
}

static struct route system_route(struct prefix prefix, enum route_hop hop, uint32_t target, const char *name)
{
	return (struct route){.name = name,
			      .prefix = prefix,
			      .source = ROUTE_SYSTEM,
			      .hop = hop,
			      .target = target,
			      .table = NONE,
			      .id = NONE};
}

/* ---- the parts ---- */

/* A route for a service tag is one for each of its prefixes. A route for a prefix itself comes before them and wins
 * where both have it. */
static bool add_user(struct list *list, uint32_t table)
{
	bool has_default = false;
	if (table == NONE)
		return false;
	const struct subnet_routes *routes = &list->world->tables[table];
	for (size_t i = 0; i < routes->n; i++) {
		if (routes->routes[i].tag)
			continue;
		add(list, routes->routes[i]);
		has_default |= routes->routes[i].prefix.length == 0;
	}
	for (size_t i = 0; i < routes->n; i++)
		for (uint32_t k = 0; routes->routes[i].tag && k < routes->routes[i].tag->n; k++) {
			struct route route = routes->routes[i];
			route.prefix = route.tag->prefixes[k];
			add(list, route);
			has_default |= route.prefix.length == 0;
		}
	return has_default;
}

static size_t n_user_routes(const struct world *world, uint32_t table)
{
	size_t n = 0;
	for (size_t i = 0; table != NONE && i < world->tables[table].n; i++)
		n += world->tables[table].routes[i].tag ? world->tables[table].routes[i].tag->n : 1;
	return n;
}

/* ExpressRoute is preferred to a VPN that advertises the same. */
static void add_gateways(struct list *list, uint32_t vnet)
{
	static const enum gateway_kind order[] = {GATEWAY_EXPRESS_ROUTE, GATEWAY_VPN};
	const struct model *model = list->world->model;
	for (size_t k = 0; k < 2; k++)
		for (uint32_t i = 0; i < model->n_sites; i++) {
			const struct site_config *site = &model->sites[i];
			if (!site_joins(list->world, i, vnet) || site->kind != order[k])
				continue;
			for (size_t a = 0; a < site->n_advertises; a++)
				add(list, (struct route){.prefix = site->advertises[a],
							 .source = ROUTE_GATEWAY,
							 .hop = HOP_GATEWAY,
							 .target = i,
							 .table = NONE,
							 .id = NONE,
							 .place = site->advertises_place});
		}
}

static bool space_holds(const struct vnet_config *vnet, struct prefix prefix)
{
	for (size_t i = 0; i < vnet->n_space; i++)
		if (prefix_within(prefix, vnet->space[i]))
			return true;
	return false;
}

static void add_to_nowhere(struct list *list, const struct vnet_config *vnet, bool user_default)
{
	for (size_t i = 0; i < N_PRIVATE; i++) {
		struct prefix prefix = {be32_from(private_space[i].addr), private_space[i].length};
		if (!(user_default && private_space[i].goes) && !space_holds(vnet, prefix))
			add(list, system_route(prefix, HOP_NONE, NONE, NULL));
	}
}

/* The /32 of each private endpoint of the network and its peers, where none of the user's routes takes its place. */
static void add_private_endpoints(struct list *list, uint32_t subnet)
{
	const struct model *model = list->world->model;
	size_t n_users = list->n;
	for (uint32_t i = 0; i < model->n_private_endpoints; i++) {
		if (!endpoint_is_routed(list->world, i, subnet, list->routes, n_users))
			continue;
		const struct private_endpoint_config *config = &model->private_endpoints[i];
		struct route route =
			system_route((struct prefix){config->addr, 32}, HOP_ENDPOINT,
				     model->elements->of_kind[KIND_PRIVATE_ENDPOINT][i], "private-endpoint");
		route.place = config->place;
		add(list, route);
	}
}

/* A service's prefix is its host's own (virtual-network-service-endpoints-overview). */
static void add_endpoints(struct list *list, const struct subnet_config *subnet)
{
	for (size_t i = 0; i < subnet->n_served; i++) {
		uint32_t host = subnet->served[i];
		add(list, system_route((struct prefix){list->world->model->hosts[host].addr, 32}, HOP_SERVICE, host,
				       "service-endpoint"));
	}
}

static void add_system(struct list *list, uint32_t vnet, bool user_default)
{
	const struct model *model = list->world->model;
	const struct vnet_config *config = &model->vnets[vnet];
	for (size_t i = 0; i < config->n_space; i++)
		add(list, system_route(config->space[i], HOP_VNET, NONE, "vnet"));
	for (size_t p = 0; p < config->n_peers; p++)
		for (size_t i = 0; i < model->vnets[config->peers[p]].n_space; i++)
			add(list, system_route(model->vnets[config->peers[p]].space[i], HOP_PEERING, config->peers[p],
					       "peering"));
	add(list, system_route((struct prefix){ADDR_NONE, 0}, HOP_INTERNET, NONE, "internet"));
	add_to_nowhere(list, config, user_default);
}

static size_t most_routes(const struct world *world, uint32_t subnet)
{
	const struct model *model = world->model;
	const struct vnet_config *vnet = &model->vnets[model->subnets[subnet].vnet];
	uint32_t table = model->subnets[subnet].routes;
	size_t n = N_PRIVATE + 1 + model->subnets[subnet].n_served + vnet->n_space + n_user_routes(world, table) +
		   model->n_private_endpoints;
	for (size_t i = 0; i < vnet->n_peers; i++)
		n += model->vnets[vnet->peers[i]].n_space;
	for (size_t i = 0; i < model->n_sites; i++)
		n += model->sites[i].n_advertises;
	return n;
}

static int build_subnet(struct world *world, uint32_t subnet)
{
	const struct subnet_config *config = &world->model->subnets[subnet];
	struct list list = {.world = world,
			    .routes = arena_array(world->arena, most_routes(world, subnet), sizeof *list.routes)};
	if (!list.routes)
		return -ENOMEM;
	bool user_default = add_user(&list, config->routes);
	add_private_endpoints(&list, subnet);
	if (config->routes == NONE || world->model->route_tables[config->routes].gateway_routes)
		add_gateways(&list, config->vnet);
	add_endpoints(&list, config);
	add_system(&list, config->vnet, user_default);
	struct route_memo *memo = world->routes[subnet].memo;
	if (memo)
		memset(memo, 0, sizeof *memo << ROUTE_MEMO_BITS);
	else
		memo = arena_array(world->arena, 1u << ROUTE_MEMO_BITS, sizeof *memo);
	world->routes[subnet] = (struct subnet_routes){list.routes, list.n, memo};
	int r = security_set_routed(world, subnet, list.routes, list.n);
	return r < 0 ? r : memo ? world->error : -ENOMEM;
}

int routing_build(struct world *world)
{
	const struct model *model = world->model;
	for (uint32_t i = 0; i < model->n_route_tables; i++) {
		const struct route_table_config *table = &model->route_tables[i];
		world->tables[i] = (struct subnet_routes){table->routes, table->n_routes, NULL};
		world->route_used[i] = arena_array(world->arena, table->n_ids, sizeof **world->route_used);
		if (!world->route_used[i])
			return -ENOMEM;
	}
	return routing_refresh(world);
}

int routing_refresh(struct world *world)
{
	int r = 0;
	for (uint32_t i = 0; r == 0 && i < world->model->n_subnets; i++)
		r = build_subnet(world, i);
	return r;
}

int routing_set(struct world *world, uint32_t table, const struct route *routes, size_t n)
{
	int r = 0;
	world->tables[table] = (struct subnet_routes){routes, n, NULL};
	for (uint32_t i = 0; r == 0 && i < world->model->n_subnets; i++)
		if (world->model->subnets[i].routes == table)
			r = build_subnet(world, i);
	return r;
}

/* ---- questions ---- */

const struct route *world_routes(const struct world *world, uint32_t subnet, size_t *ret_n)
{
	*ret_n = world->routes[subnet].n;
	return world->routes[subnet].routes;
}

const struct nsg_tags *world_tags(const struct world *world, uint32_t subnet)
{
	return &world->tags[subnet];
}

const struct route *routing_choose(const struct world *world, const struct machine *machine, be32 dst)
{
	const struct subnet_routes *routes = &world->routes[machine->subnet];
	struct route_memo *memo = &routes->memo[be32_key(dst) * UINT32_C(0x9e3779b1) >> (32 - ROUTE_MEMO_BITS)];
	if (memo->route && memo->dst.raw == dst.raw)
		return memo->route;
	const struct route *route = route_choose(routes->routes, routes->n, dst);
	*memo = (struct route_memo){dst, route};
	return route;
}

const struct route *routing_choose_elsewhere(const struct world *world, const struct machine *machine, be32 dst)
{
	enum { MOST = 4 };
	const struct route *ranked[MOST];
	const struct subnet_routes *routes = &world->routes[machine->subnet];
	size_t n = route_rank(routes->routes, routes->n, dst, ranked, MOST);
	for (size_t i = 0; i < n; i++)
		if (ranked[i]->hop != HOP_SERVICE)
			return ranked[i];
	return NULL;
}

struct verdict routing_verdict(const struct world *world, const struct route *route)
{
	const char *by = route->table != NONE             ? world->model->route_tables[route->table].by
			 : route->source == ROUTE_GATEWAY ? BY_GATEWAY_ROUTES
							  : BY_SYSTEM_ROUTES;
	return (struct verdict){.by = by, .rule = route->name, .place = route->place};
}

struct verdict world_route_beaten(const struct world *world, uint32_t node, be32 dst)
{
	enum { MOST = 4 }; /* the winner's rivals stand right behind it */
	const struct route *ranked[MOST];
	const struct machine *machine = &world->machines[world->nodes[node].index];
	if (!element_is_end_point(world->nodes[node].kind) || machine->vnet == NONE)
		return (struct verdict){.by = ""};
	const struct subnet_routes *routes = &world->routes[machine->subnet];
	size_t n = route_rank(routes->routes, routes->n, dst, ranked, MOST);
	for (size_t i = 1; i < n; i++)
		if (ranked[i]->prefix.length >= ranked[0]->prefix.length)
			return routing_verdict(world, ranked[i]);
	return (struct verdict){.by = ""};
}

static bool advertises(const struct site_config *site, be32 dst, uint8_t *ret_length)
{
	bool found = false;
	for (size_t i = 0; i < site->n_advertises; i++)
		if (prefix_contains(site->advertises[i], dst) && (!found || site->advertises[i].length > *ret_length)) {
			*ret_length = site->advertises[i].length;
			found = true;
		}
	return found;
}

/* A gateway's own route names its site. For a user's route to `gateway` it is the site that advertises the most about
 * the address, ExpressRoute before VPN; where none advertises it, the first. */
uint32_t routing_site(const struct world *world, uint32_t vnet, const struct route *route, be32 dst)
{
	const struct model *model = world->model;
	uint32_t best = NONE;
	int best_rank = -1;
	if (route->target != NONE)
		return route->target;
	for (uint32_t i = 0; i < model->n_sites; i++) {
		const struct site_config *site = &model->sites[i];
		uint8_t length = 0;
		if (!site_joins(world, i, vnet))
			continue;
		int rank = advertises(site, dst, &length) ? 2 * (length + 1) : 0;
		rank += site->kind == GATEWAY_EXPRESS_ROUTE;
		if (rank > best_rank) {
			best = i;
			best_rank = rank;
		}
	}
	return best;
}
