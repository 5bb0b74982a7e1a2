/* Inside pictures: from the model and the packets kept to the plain values that out/ draws. */
#ifndef PKTPATH_VIEW_DRAWING_H
#define PKTPATH_VIEW_DRAWING_H
#include "draw/ladder.h"
#include "draw/topology.h"
#include "model/elements.h"
#include "view/kept_packets.h"

struct network_limits { /* how many of a kind are drawn, in what contains them */
	uint32_t hosts, instances, vnets, subnets, sites;
	bool brief;          /* such a box has a name and a prefix alone */
	uint32_t folded_max; /* networks of a region that are one box each; 0: none is */
	int row_width;
};
/* network.c: the network of the scenario as boxes. All of it in `arena`. */
struct network {
	struct arena *arena;
	const struct model *model;
	const struct world *world;
	const bool *wanted; /* by node: these are drawn, whatever is left out; NULL: none */
	struct topology_box *boxes;
	size_t n, capacity;
	uint32_t *box_of_node;         /* TOPOLOGY_NONE where it has none */
	uint32_t *own_address_of_node; /* of a machine with a public address of its own: its box */
	const struct network_limits *limits;
	uint32_t *box_of_vnet, *box_of_subnet; /* TOPOLOGY_NONE where it has none */
	bool *nsg_shown, *table_shown;         /* its rules stand in a box already */
	const bool *in_focus;                  /* by VNet; NULL: all are */
	struct topology_join *joins;
	size_t n_joins, capacity_joins;
	bool failed;
};
/* `wanted`, `in_focus`: as in the struct. 0 or -ENOMEM. */
int network_draw(struct network *network, struct arena *arena, const struct pp_run *run, const bool *wanted,
		 const bool *in_focus);
/* network_joins.c: peerings, next hops and ways to the Internet, once all boxes are there. */
void network_add_joins(struct network *network);
/* network_focus.c: the VNets within so many peerings and gateways of a thing. NULL and 0 where nothing has this name;
 * -ENOMEM. */
int network_focus(struct arena *arena, const struct model *model, const char *name, uint32_t depth, const bool **ret);
/* The numbers of an array's items in the natural order of their names, which are their first members. NULL and `failed`
 * where memory is short. */
const uint32_t *network_order(struct network *network, const void *items, size_t n, size_t size_bytes);
#define NETWORK_ORDER(network, items, n) network_order((network), (items), (n), sizeof *(items))
/* network_box.c: a box in the making. Returns its index. Text is in the arena; what could not be made is "" and sets
 * `failed`. */
uint32_t network_add(struct network *network, enum topology_kind kind, uint32_t parent, const char *name,
		     const char *note);
void network_is_node(struct network *network, uint32_t box, uint32_t node);
/* Small print below the name, and what shows where the pointer rests: one more line. */
__attribute__((format(printf, 3, 4))) void network_line(struct network *network, uint32_t box, const char *format, ...);
__attribute__((format(printf, 3, 4))) void network_hover(struct network *network, uint32_t box, const char *format,
							 ...);
const char *network_text(struct network *network, const char *text);
const char *network_addr(struct network *network, be32 addr);
/* In small print the addresses of a NAT beyond the one that the box has already. */
void network_pool(struct network *network, uint32_t box, const struct nat_rules *nat, be32 reported);
const char *network_prefixes(struct network *network, const struct prefix *prefixes, size_t n);
void network_add_more(struct network *network, uint32_t parent, uint32_t n_left,
		      const char *what); /* "12 more", where there are */
/* Must it be drawn, whatever is left out? */
bool network_wants(const struct network *network, uint32_t node);
/* network_hosts.c: the hosts of a kind in a subnet, a site or a region (of the Internet: 0). */
void network_add_hosts(struct network *network, uint32_t parent, enum host_kind kind, uint32_t container);
bool network_has_hosts(const struct network *network, enum host_kind kind, uint32_t container);
const char *network_services(struct network *network, const struct service_port *ports, size_t n);
/* network_environment.c. Returns its box. */
uint32_t network_add_environment(struct network *network, uint32_t parent, uint32_t ase);
bool network_wants_environment(const struct network *network, uint32_t ase);
/* network_changes.c: what the timeline changes of addresses, peerings and ways out, in small print in their boxes. */
void network_changes(struct network *network);
/* Web apps: those that are integrated into a subnet, and the others of a region. */
void network_add_integrated_apps(struct network *network, uint32_t region, uint32_t parent, uint32_t subnet);
bool network_has_apps(const struct network *network, uint32_t region);
void network_add_apps(struct network *network, uint32_t parent, uint32_t region);
bool network_wants_integrated_app(const struct network *network, uint32_t subnet);
/* network_kinds.c: what of kinds.h stands in a subnet; and whether some of it must be drawn. */
void network_add_kinds(struct network *network, uint32_t parent, uint32_t subnet);
bool network_wants_kinds(const struct network *network, uint32_t subnet);
/* network_outside.c */
/* Of a load balancer: what its rules do, in a line each. */
void network_frontend(struct network *network, uint32_t box, uint32_t frontend);
void network_add_internal_frontends(struct network *network, uint32_t parent, uint32_t subnet);
void network_add_sites(struct network *network);
void network_add_internet(struct network *network);
/* network_rules.c: security groups and route tables in small print. */
void network_nsg(struct network *network, uint32_t box, uint32_t nsg);
/* "private", and services that are reached by endpoints. */
void network_ways(struct network *network, uint32_t box, const struct subnet_config *subnet);
void network_peerings(struct network *network, uint32_t box, uint32_t vnet);
void network_routes(struct network *network, uint32_t box, uint32_t table);

/* calls.c: what became of a connection, and its packets, in words. All of it in `arena`; NULL or -ENOMEM where memory
 * is short. */
const char *call_subtitle(struct arena *arena, const struct pp_run *run, uint32_t flow, uint32_t index);
int call_verdict(struct arena *arena, const struct pp_run *run, uint32_t flow, uint32_t index,
		 const char **ret); /* NULL: nothing was lost */
int call_legs(struct arena *arena, const struct pp_run *run, const struct network *network,
	      const struct recorded_call *call, struct topology *topology);
int call_ladder(struct arena *arena, const struct pp_run *run, const struct recorded_call *call, struct ladder *ret);
const char *call_addresses(struct arena *arena,
			   const struct tuple *tuple); /* "10.0.1.6:49152 -> 203.0.113.10:443", with a real arrow */
const char *call_file_name(const char *path);          /* without its folders */
/* ", rich.yaml:12", and where the scenario says it ", from network.json:61"; nothing where there is no file. Appended. */
void call_place(struct buf *out, const struct model *model, struct place place);
/* The nodes that its packets passed. */
void call_nodes(const struct recorded_call *call, bool *nodes);
#endif
