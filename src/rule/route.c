/* DOC: choosing a route. Microsoft's words: the longest prefix; of equal prefixes user defined, then BGP, then system;
 * "system routes for traffic related to virtual network, virtual network peerings [...] are preferred routes, even if
 * BGP routes are more specific".
 *
 * Taken pair by pair these make a circle: VNet 10.0.0.0/16 beats BGP 10.0.1.0/24 by the exception, which beats the
 * user's 10.0.0.0/20 by length, which beats the VNet's by length. Ours has no circle:
 * 1. routes that do not contain the address are out;
 * 2. where one of the system's to the VNet, a peer, a service's or a private endpoint is left, the gateways' are out, whatever
 *    their length;
 * 3. the longest prefix;
 * 4. a private endpoint's; user, gateway, system;
 * 5. the first. */
#include "rule/route.h"

const char *route_source_name(enum route_source source)
{
	switch (source) {
	case ROUTE_USER:
		return "user";
	case ROUTE_GATEWAY:
		return "gateway";
	case ROUTE_SYSTEM:
		return "system";
	}
	return "";
}

const char *route_hop_name(enum route_hop hop)
{
	switch (hop) {
	case HOP_INTERNET:
		return "internet";
	case HOP_VNET:
		return "vnet";
	case HOP_PEERING:
		return "peering";
	case HOP_GATEWAY:
		return "gateway";
	case HOP_NONE:
		return "none";
	case HOP_APPLIANCE:
		return "appliance";
	case HOP_FRONTEND:
		return "load balancer";
	case HOP_SERVICE:
		return "service";
	case HOP_ENDPOINT:
		return "private endpoint";
	}
	return "";
}

static unsigned turn_of(const struct route *route)
{
	return route->hop == HOP_ENDPOINT ? 0 : 1u + route->source;
}

/* Steps 3 to 5; `best` came first and may be NULL. */
static const struct route *better(const struct route *best, const struct route *route)
{
	if (!best || route->prefix.length > best->prefix.length)
		return route;
	return route->prefix.length == best->prefix.length && turn_of(route) < turn_of(best) ? route : best;
}

static bool is_among(const struct route *route, const struct route *const *routes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (routes[i] == route)
			return true;
	return false;
}

/* The winner among those that are not `out`. */
static const struct route *choose_without(const struct route *routes, size_t n, be32 dst,
					  const struct route *const *out, size_t n_out)
{
	const struct route *gateway = NULL, *other = NULL;
	bool is_inside = false;
	for (size_t i = 0; i < n; i++) {
		const struct route *route = &routes[i];
		if (!prefix_contains(route->prefix, dst) || is_among(route, out, n_out))
			continue;
		if (route->source == ROUTE_GATEWAY) {
			gateway = better(gateway, route);
			continue;
		}
		other = better(other, route);
		if (route->source == ROUTE_SYSTEM && (route->hop == HOP_VNET || route->hop == HOP_PEERING ||
						      route->hop == HOP_SERVICE || route->hop == HOP_ENDPOINT))
			is_inside = true;
	}
	/* Where neither has come first: their sources differ, so step 5 is not reached. */
	return is_inside || !gateway ? other : better(other, gateway);
}

const struct route *route_choose(const struct route *routes, size_t n, be32 dst)
{
	return choose_without(routes, n, dst, NULL, 0);
}

size_t route_rank(const struct route *routes, size_t n, be32 dst, const struct route **ret, size_t capacity)
{
	size_t n_ranked = 0;
	while (n_ranked < capacity) {
		const struct route *next = choose_without(routes, n, dst, ret, n_ranked);
		if (!next)
			break;
		ret[n_ranked++] = next;
	}
	return n_ranked;
}
