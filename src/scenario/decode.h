/* From nodes of the tree to values, by the table of keys. Whatever is wrong becomes a diagnostic at its place, and
 * decoding goes on. */
#ifndef PKTPATH_SCENARIO_DECODE_H
#define PKTPATH_SCENARIO_DECODE_H
#include "base/arena.h"
#include "base/diag.h"
#include "base/names.h"
#include "model/defaults.h"
#include "model/model.h"
#include "net/tuple.h"
#include "scenario/keys.h"
#include "scenario/tree.h"

struct decoder {
	struct arena *arena;
	struct diag_list *diags;
	struct model *model;
	const char *file;
	const struct tree *root;
	int error; /* -ENOMEM, sticky */
};

/* ---- sections ---- */
/* Reports unknown keys, and required keys that are missing. False where the node is no map. */
bool decode_section(struct decoder *d, const struct tree *node, enum section section);
/* ---- wrong_key.c ---- */
/* A key of the map that the section does not have: said, and what it may mean is taken for it. */
void unknown_key(struct decoder *d, struct tree *child, enum section section);
/* Of a section with forms: says which keys do not go with the form, and that one is misspelt where another is near. */
void only_of_form(struct decoder *d, const struct tree *node, enum section section, const struct form *form,
		  const char *otherwise);
/* What a map needs besides; nothing where a key of it is wrong, which may be what it lacks. */
void lacks(struct decoder *d, const struct tree *node, const char *hint, const char *what);
/* The children of a map of named things of the network: sorted by name, names checked, Azure's. NULL and 0 where there
 * are none. */
const struct tree **decode_map(struct decoder *d, const struct tree *node, const char *what, size_t *ret_n);
/* The same of what belongs to the scenario alone (flows, taps): small letters, digits, hyphens. */
const struct tree **decode_own_map(struct decoder *d, const struct tree *node, const char *what, size_t *ret_n);
/* The items of a list; a scalar counts as a list of one where `or_one`. */
const struct tree **decode_list(struct decoder *d, const struct tree *node, const char *what, bool or_one,
				size_t *ret_n);
/* The same with or_one; an empty list is an error. */
const struct tree **decode_some(struct decoder *d, const struct tree *node, const char *what, size_t *ret_n);
void *decode_array(struct decoder *d, size_t n, size_t size_bytes); /* never NULL for n = 0; NULL sets error */

/* ---- values: of key `key` of the section; the table's default where it is absent ---- */
bool decode_has(const struct tree *node, const char *key);
struct place decode_place(const struct tree *node, const char *key); /* of the value, else of the node */
const char *decode_text(struct decoder *d, const struct tree *node, enum section section,
			const char *key); /* NULL where absent and no default */
bool decode_int(struct decoder *d, const struct tree *node, enum section section, const char *key, int64_t *ret);
bool decode_bool(struct decoder *d, const struct tree *node, enum section section, const char *key, bool *ret);
bool decode_duration(struct decoder *d, const struct tree *node, enum section section, const char *key,
		     int64_t *ret_ns);
bool decode_size(struct decoder *d, const struct tree *node, enum section section, const char *key, uint64_t *ret);
bool decode_rate(struct decoder *d, const struct tree *node, enum section section, const char *key, uint64_t *ret);
bool decode_fraction(struct decoder *d, const struct tree *node, enum section section, const char *key, uint64_t *ret);
bool decode_address(struct decoder *d, const struct tree *node, enum section section, const char *key, be32 *ret);
bool decode_prefixes(struct decoder *d, const struct tree *node, const char *key, struct prefix **ret, size_t *ret_n);
/* Index in the table's `values`. */
bool decode_hold(struct decoder *d, const struct tree *node, enum section section, const char *key, int64_t *ret_ns,
		 bool *ret_exponential);
bool decode_enum(struct decoder *d, const struct tree *node, enum section section, const char *key, unsigned *ret);

/* ---- single nodes ---- */
bool decode_scalar_int(struct decoder *d, const struct tree *scalar, const char *what, int64_t min, int64_t max,
		       int64_t *ret);
bool decode_scalar_prefix(struct decoder *d, const struct tree *scalar, struct prefix *ret);
bool decode_scalar_address(struct decoder *d, const struct tree *scalar, be32 *ret);
/* A list of 443/tcp. */
bool decode_ports(struct decoder *d, const struct tree *node, struct service_port **ret, size_t *ret_n);
/* "worker-3": the prefix and a number without leading zeros. */
bool decode_numbered(const char *text, const char *prefix, uint32_t *ret);
bool decode_worker(const char *text, uint32_t *ret);
bool read_number(const char *text, uint64_t max, uint64_t *ret);

/* ---- names ---- */
void check_name(struct decoder *d, const char *name, struct place place);       /* of a flow, a tap, the scenario */
void check_azure_name(struct decoder *d, const char *name, struct place place); /* of the network */
/* Two names that Azure takes for one: `name` is the later one. */
void report_case(struct decoder *d, const char *name, struct place place, const char *other, struct place other_place);
/* Hosts, environments, sites and the kinds of kinds.h share one name space. Once all of them are decoded. */
void check_name_space(struct decoder *d);
/* "ip: 10.0.0.4": how a line of this key looks; NULL where that says nothing. */
const char *key_sample(struct decoder *d, const struct key *key);
/* Whether the file is something that `pktpath import` reads, which is reported. */
bool is_foreign(struct decoder *d, const struct tree *root);
const char *decode_shown(const struct tree *node); /* as messages show it */
/* A hint, or NULL where none is near. */
const char *did_you_mean(struct decoder *d, const char *name, const char *const *candidates, size_t n);
#define find_by_name(array, n, name) find_named((array), (n), sizeof *(array), (name))
/* Arrays of structs whose first member is the name, sorted by it: all of the model's are. NONE where there is none. */
uint32_t find_named(const void *array, size_t n, size_t size_bytes, const char *name);
/* "unknown WHAT `x`", with "did you mean" from the array. */
void unknown_name(struct decoder *d, struct place place, const char *what, const char *name, const void *array,
		  size_t n, size_t size_bytes);
void unknown_nat(struct decoder *d, struct place place, const char *name);

/* The region that `region` names, or the only one; the subnet that `subnet` names. NONE, with a diagnostic where it is
 * wrong. */
uint32_t decode_region(struct decoder *d, const struct tree *node, enum section section);
uint32_t decode_subnet_ref(struct decoder *d, const struct tree *node, enum section section, const char *key);

uint32_t decode_nsg_ref(struct decoder *d, const struct tree *node, enum section section);    /* key `nsg` */
uint32_t decode_routes_ref(struct decoder *d, const struct tree *node, enum section section); /* key `routes` */
uint32_t decode_site_ref(struct decoder *d, const struct tree *node, enum section section);   /* key `site` */

/* ---- rules and routes, for their sections and for the timeline ---- */
/* SECTION_RULE: a whole rule, but for its id. SECTION_RULE_SET: changes what is given. */
bool decode_rule(struct decoder *d, const struct tree *node, enum section section, struct nsg_rule *rule);
const struct nsg_rule *find_rule(const struct nsg_rules *rules, const char *name, enum nsg_direction *ret_direction);
void sort_rules(struct nsg_rule *rules, size_t n);
bool check_priority(struct decoder *d, const struct nsg_rule *rules, size_t n, const struct nsg_rule *rule,
		    struct place place);
bool decode_route(struct decoder *d, const struct tree *node, enum section section, const char *name,
		  struct place place, struct route *route);
void sort_routes(struct route *routes, size_t n);
void check_route(struct decoder *d, const struct route *routes, size_t n, const struct route *route);
/* A user route to `gateway` in a network with an ExpressRoute gateway is an error, as Azure refuses it. */
void check_gateway_hop(struct decoder *d, uint32_t table, const struct route *route, struct place place);

/* One of the names that points of the network have; says so. */
void check_reserved(struct decoder *d, const char *name, struct place place);
/* Bits of enum need from a list of words. */
uint32_t decode_needs(struct decoder *d, const struct tree *node, const char *key, uint32_t all);
/* worker-N, or a list of them, of this environment at any time. */
bool decode_workers(struct decoder *d, const struct tree *node, const struct ase_config *ase, uint32_t **ret,
		    size_t *ret_n);

/* ---- the sections, in this order ---- */
void decode_top(struct decoder *d);
void decode_network(struct decoder *d); /* regions, links, VNets, subnets */
void decode_ases(struct decoder *d, const struct tree *timeline);
void decode_nat(struct decoder *d, const struct tree *node, struct place place, enum nat_profile usual,
		struct nat_rules *ret); /* `usual` where no profile is named; node may be NULL */
/* Of `forward`, `static`, `except` and `only`; hosts are named there, and found by resolve_nat_hosts(). */
void decode_nat_fixed(struct decoder *d, const struct tree *node, enum nat_profile usual, enum nat_profile profile,
		      struct nat_rules *nat);
void resolve_nat_hosts(struct decoder *d);                        /* after addresses */
void check_snat(struct decoder *d, const struct ase_config *ase); /* what depends on the environment */
void resolve_needs(struct decoder *d);                            /* of environments, after hosts */
void decode_peers(struct decoder *d, const struct tree *vnets);
void check_transit(struct decoder *d); /* after the sites: which networks use the gateway of a peer */
void decode_tags(struct decoder *d);   /* before what names them */
void decode_asgs(struct decoder *d);
const struct nsg_named *find_tag(struct decoder *d, const char *text, struct place place); /* NULL, with a diagnostic */
/* The same where no subnet says what a tag is: one of `tags`, or the addresses of a platform service. */
const struct nsg_named *find_service_tag(struct decoder *d, const char *text, struct place place);
const struct nsg_named *find_asg(struct decoder *d, const char *text, struct place place); /* of "asg/NAME" */
void decode_asgs_of(struct decoder *d, const struct tree *node, struct host_config *host); /* of key `asg` */
void resolve_asgs(struct decoder *d); /* once all addresses are known */
void check_asgs(struct decoder *d);   /* after the timeline: that rules can name them so */
void decode_nsgs(struct decoder *d);
void check_generations(struct decoder *d); /* of environments, after load balancers */
void check_outbound(struct decoder *d);    /* of those of v3, after routes */
void decode_balancers(struct decoder *d);  /* after hosts */
void decode_service_endpoints(struct decoder *d, const struct tree *node, struct subnet_config *subnet);
void resolve_service_endpoints(struct decoder *d); /* after the hosts */
void decode_route_tables(struct decoder *d);       /* their names */
void decode_sites(struct decoder *d);              /* after VNets and environments */
void decode_hosts(struct decoder *d);
void decode_routes(struct decoder *d); /* of the tables; after hosts */
void warn_unattached(struct decoder *d);
void warn_default_routes(struct decoder *d); /* after the timeline */
void check_public(struct decoder *d, be32 addr, struct place place);
void decode_addresses(struct decoder *d); /* gives automatic ones, checks all */
void decode_flows(struct decoder *d);
/* `packets`, in place of a conversation. */
void decode_packets(struct decoder *d, const struct tree *node, struct flow_config *flow);
/* A call of this node, with the defaults of a flow. */
void decode_call_into(struct decoder *d, const struct tree *node, const char *name, struct flow_config *flow);
void decode_timeline(struct decoder *d);
void decode_taps(struct decoder *d);
void decode_expects(struct decoder *d);
void check_source(struct decoder *d, const struct tree *value, enum section section);
void decode_sources(struct decoder *d); /* key `source` of any object */

/* ---- DNS names ---- */
const char *decode_dns_name(struct decoder *d, const struct tree *node,
			    enum section section); /* of key `dns`; NULL where absent or wrong */
void check_dns_names(struct decoder *d);           /* each belongs to one thing */
bool is_dns_name(const char *text);
/* A host's name: the one given, or that of a VM without one; NULL where it has none, or the VM's is none of DNS. */
const char *vm_dns_name(const struct model *model, struct arena *arena, const struct host_config *host);
bool find_dns_name(const struct model *model, struct arena *arena, const char *name, struct endpoint *ret);
const char *nearest_dns_name(const struct model *model, struct arena *arena, const char *name);

/* ---- end points and points ---- */
bool parse_from(const struct model *model, struct arena *arena, const char *text, struct place place,
		struct diag_list *diags, struct endpoint *ret);
bool parse_to(const struct model *model, struct arena *arena, const char *text, struct place place,
	      struct diag_list *diags, struct endpoint *ret, uint16_t *ret_port, uint8_t *ret_proto);
/* An element by its name. */
bool parse_point(struct decoder *d, const char *text, struct place place, uint32_t *ret);
/* "A--B", two neighbouring points. */
bool parse_edge(struct decoder *d, const char *text, struct place place, uint32_t ret[2]);
/* "NAME", "NAME[3]", "NAME[0..9]". */
bool parse_flow_range(struct decoder *d, const char *text, struct place place, struct flow_range *ret);
#endif
