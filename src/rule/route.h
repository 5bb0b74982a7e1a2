/* Routes: where does a packet to this address go next? Pure: a subnet's effective routes and an address go in, the
 * winner comes out.
 *
 * DOC: the longest prefix wins; of equal ones the user's, then the gateway's (BGP), then the system's. One exception
 * (azure: virtual-networks-udr-overview): the system's routes to the VNet, to its peers and to a service's endpoint win
 * even over more specific routes of a gateway. And one of private endpoints: the /32 of an endpoint, where it is there,
 * wins over all others (disable-private-endpoint-network-policy). */
#ifndef PKTPATH_RULE_ROUTE_H
#define PKTPATH_RULE_ROUTE_H
#include "base/place.h"
#include "net/prefix.h"
#include <stddef.h>

enum route_source { ROUTE_USER, ROUTE_GATEWAY, ROUTE_SYSTEM }; /* the earlier wins */
const char *route_source_name(enum route_source source);       /* "user", "gateway", "system" */
enum route_hop {
	HOP_INTERNET,
	HOP_VNET,
	HOP_PEERING,
	HOP_GATEWAY,
	HOP_NONE,
	HOP_APPLIANCE,
	HOP_FRONTEND,
	HOP_SERVICE,
	HOP_ENDPOINT
};
const char *route_hop_name(enum route_hop hop); /* "internet", "vnet", "peering", "gateway", "none", "appliance",
						 * "load balancer", "service", "private endpoint" */

struct nsg_named;
struct route {
	const char *name; /* a user's; NULL otherwise */
	struct prefix prefix;
	const struct nsg_named *tag; /* a user's that names a service tag: one for each of its prefixes; else NULL */
	enum route_source source;
	enum route_hop hop;
	uint32_t target; /* of PEERING a VNet, of a gateway's route the site, of APPLIANCE a next hop
			  * (model/elements.h), of FRONTEND a load balancer's frontend, of SERVICE a host, of ENDPOINT its element;
			  * else UINT32_MAX */
	uint32_t table;  /* a user's: its route table; else UINT32_MAX */
	uint32_t id;     /* a user's: the same over the whole run; else UINT32_MAX */
	struct place place;
};

/* The winner, or NULL where none matches. Of several that are equal in all of this the first. */
const struct route *route_choose(const struct route *routes, size_t n, be32 dst);
/* The order in which routes would win for `dst`, winner first, those that do not match left out: for explanations.
 * Returns how many were written. */
size_t route_rank(const struct route *routes, size_t n, be32 dst, const struct route **ret, size_t capacity);
#endif
