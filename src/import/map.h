/* Inside the mapping from resources to a scenario. Each map_*.c knows some types of Azure's; they run in the order of
 * map.c, since later ones refer to what earlier ones made. */
#ifndef PKTPATH_IMPORT_MAP_H
#define PKTPATH_IMPORT_MAP_H
#include "import/doc.h"
#include "import/import.h"
#include "net/prefix.h"

/* A subnet, inline or a child resource. */
struct subnet_fact {
	struct resource *vnet;
	const char *label;
	const char *key;   /* of its id, in small letters */
	const char *given; /* "hub/apps" as the scenario has it; NULL: it is not in it */
	const char *name;  /* "apps" there */
	struct js *body;
	struct doc *doc;
	struct prefix cidr; /* of IPv4; length 0 where it has none */
	const char *caller; /* the first that can call from it, as flows name it; NULL: none */
};

struct machine_fact { /* an address inside, and who has it */
	const char *given;
	const struct subnet_fact *subnet;
	be32 addr;           /* ADDR_NONE: automatic */
	bool forwards;       /* a route may name it */
	const char *nic_key; /* of the interface's id; NULL */
	struct js *ip_configuration;
	struct doc *doc;
	const char *ports; /* that are assumed of its system: "22/tcp" */
};

struct entry { /* what can be called from the Internet */
	const char *label, *to;
	const struct js *from;
};

struct map {
	struct import *import;
	struct store *store;
	struct doc *root, *network, *vnets, *tables, *nsgs, *asgs, *tags, *nat_gateways, *balancers, *firewalls, *ases,
		*apps, *endpoints, *hosts, *sites, *flows;
	struct subnet_fact *subnets;
	size_t n_subnets;
	struct machine_fact *machines;
	size_t n_machines;
	struct names taken;
	const char *current_file; /* of the object whose comments are being written */
	uint32_t next_public;     /* of 203.0.113.0/24 */
	struct entry *entries;
	size_t n_entries;
};

/* Whether the language of this program has a key: "network.nat_gateways.sku". */
bool knows(const char *path);
/* A name for this original: itself where it is one, else made into one; unique in its space ("vnets", "hosts", ...). */
const char *map_name(struct map *map, const char *space, const char *original);
/* An object of its own: a block map with place, pointer and original name in its comment. */
struct doc *map_object(struct map *map, struct doc *parent, const char *given, const char *original,
		       const struct js *from);
/* ":61 /resources/1/properties" or "file:61 ...", and the original name where it differs; for a comment. */
const char *map_where(struct map *map, const char *given, const char *original, const struct js *from);
void map_source(struct map *map, struct doc *doc, const struct js *from); /* `source`, where the language has it */
void map_comment(struct map *map, struct doc *doc, const char *comment);  /* adds to the one that is there */

/* IPv4 prefixes of a text, a list of texts, or several properties; others are noted. Host bits are taken away with a
 * note. "1.2.3.4" is a /32. */
bool map_prefix(struct map *map, struct js *at, const char *what, struct prefix *ret);
bool map_is_ipv6(const char *text);
/* A public address: what the resource says, --address, or one of 203.0.113.0/24, assumed. */
const char *map_public_address(struct map *map, struct js *from, const char *name, const char *what, bool *ret_assumed);
/* Of a reference {id} to a public address resource; NULL: none. */
const char *map_public_of(struct map *map, struct js *node, const char *path, const char *what, bool *ret_assumed);

struct subnet_fact *map_subnet(struct map *map, const char *id);
struct subnet_fact *map_subnet_of_address(struct map *map, be32 addr, const struct resource *vnet);
struct machine_fact *map_add_machine(struct map *map, struct machine_fact machine);
const char *map_tag_word(const char *tag); /* as the language has it; NULL */
/* A tag that the language does not have by itself. True: it has a stand-in now; else a note says so. */
bool map_tag(struct map *map, struct js *at, const char *tag, const char *what);
/* As the language has it where no subnet says what a tag is, with a stand-in as above; NULL where it is none. */
const char *map_service_tag(struct map *map, struct js *at, const char *what);
/* A port that a host takes calls on: assumed, as no input says what listens. */
void map_listen(struct map *map, struct doc *host, const char *port);
/* `key: NAME` of the resource that `path` refers to; what the scenario does not have is noted. */
void map_reference(struct map *map, struct doc *doc, const char *key, struct js *body, const char *path,
		   const char *type, const char *what);
/* Where a resource stands, as regions are called here; NULL. */
const char *map_region_of(struct map *map, struct resource *resource);
/* {subnet: {id}}: NULL where it is not in the scenario; a note says so. */
struct subnet_fact *map_subnet_of(struct map *map, struct js *body, const char *path, const char *what);
/* What a route may name for this address, as the scenario calls it; NULL. */
const char *map_hop_of_address(struct map *map, be32 addr);
/* Children of a resource: inline ones (`path`) first, then those that are resources of their own. */
struct child {
	const char *label;
	struct js *body;
	struct resource *resource; /* NULL: inline */
};
/* In memory of the store. */
struct child *map_children(struct map *map, struct resource *parent, const char *path, const char *type, size_t *ret_n);

/* A public entry: it gets a probe. */
void map_entry(struct map *map, const char *label, const char *to, const struct js *from);

/* The sections of the scenario; and its end: it is printed and read by the loader. 0 or -ENOMEM. */
void map_begin(struct map *map);
int map_end(struct map *map);

void map_networks(struct map *map); /* vnets, subnets, peers */
void map_groups(struct map *map);   /* nsgs, asgs */
void map_machines(struct map *map); /* interfaces, machines, scale sets */
void map_gateways(struct map *map); /* virtual network gateways, connections, sites */
void map_environments(struct map *map);
void map_web_apps(struct map *map);
/* The plan of an app; NULL: it is not among the inputs. Its number of instances: 1 where nothing says it. */
/* NOT MODELLED: an app that takes calls of some callers alone. */
void map_note_restrictions(struct map *map, struct resource *app);
struct resource *map_plan_of(struct map *map, struct resource *app);
int64_t map_plan_size(struct map *map, struct resource *plan);
/* `region` of a resource that is no network, where the scenario has regions. */
void map_put_region(struct map *map, struct doc *doc, struct resource *resource);
void map_nat_gateways(struct map *map);
void map_balancers(struct map *map);
void map_firewalls(struct map *map);
void map_endpoints(struct map *map);
void map_table_names(struct map *map); /* before the networks */
void map_routes(struct map *map);      /* after all that a route may name */
void map_probes(struct map *map);
void map_others(struct map *map); /* what the language has no noun for */
#endif
