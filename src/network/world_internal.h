/* Inside the network: what its files ask of each other. */
#ifndef PKTPATH_NETWORK_WORLD_INTERNAL_H
#define PKTPATH_NETWORK_WORLD_INTERNAL_H
#include "network/calls.h"

/* ---- build.c ---- */
int world_build(struct world *world);
/* A NAT that stands by itself: its translator, which answers to its addresses. */
uint32_t build_nat(struct world *world, uint32_t element);
#define KIND_BUILDER(KIND, kind, article, words, schema, help, stands)                                                 \
	void build_##kind(struct world *world, uint32_t element);
NETWORK_KINDS(KIND_BUILDER)
/* The machine of an end point of a kind, which answers to its own address; its NAT where it has one. */
struct machine *build_machine(struct world *world, uint32_t element);
void build_app_outbound(struct world *world, uint32_t element);
void build_app_instance(struct world *world, uint32_t element);
/* At the time that a kind asked for by WHAT_KIND_TIMER. */
#define KIND_TIMER(KIND, kind, article, words, schema, help, stands)                                                   \
	int timer_##kind(struct world *world, uint32_t node);
NETWORK_KINDS(KIND_TIMER)
/* What a kind holds outside of the arena. */
#define KIND_CLOSE(KIND, kind, article, words, schema, help, stands) void close_##kind(struct world *world);
NETWORK_KINDS(KIND_CLOSE)
/* ---- addresses.c ---- */
int address_add(struct world *world, uint32_t realm, be32 addr, uint32_t node);
void address_remove(struct world *world, uint32_t realm, be32 addr);
bool vnets_are_peers(const struct world *world, uint32_t a, uint32_t b);
bool vnet_holds(const struct world *world, uint32_t vnet, be32 addr); /* in its space */
uint32_t vnet_of_address(const struct world *world, be32 addr);       /* whose space holds it; NONE */
/* What a node makes itself, being no machine of a NIC: counted and reported. */
void path_make_own(struct world *world, uint32_t node, struct packet *packet);
/* A router's ICMP error about a packet: made, counted and reported; NULL where none may be sent (RFC 1122 3.2.2) or memory
 * is short. */
struct packet *path_error(struct world *world, uint32_t node, be32 src, uint8_t type, uint8_t code, uint16_t mtu,
			  const struct packet *about);
/* A router cuts a packet that its next link does not take whole: `packet` is the first piece then. Returns the rest,
 * counted and reported; NULL where memory is short. */
struct packet *path_cut(struct world *world, uint32_t node, uint32_t mtu_bytes, struct packet *packet);
bool path_lower_ttl(struct packet *packet, uint8_t hops); /* false where it ends here */
extern const uint8_t path_gateway_mac[6];                 /* of the far side of every NIC */
/* ---- security.c ---- */
int security_build(struct world *world);
int security_build_tags(struct world *world);
void security_set(struct world *world, uint32_t nsg, const struct nsg_rules *rules);
/* The effective routes of a subnet changed: some of them are in its tag virtual-network. */
int security_set_routed(struct world *world, uint32_t subnet, const struct route *routes, size_t n);
/* ---- routing.c ---- */
int routing_build(struct world *world);
int routing_set(struct world *world, uint32_t table, const struct route *routes, size_t n);
const struct route *routing_choose(const struct world *world, const struct machine *machine, be32 dst);
/* The winner but for services' endpoints, which are for the subnet's own machines. */
const struct route *routing_choose_elsewhere(const struct world *world, const struct machine *machine, be32 dst);
/* As explanations name it: by and rule, with its place. */
struct verdict routing_verdict(const struct world *world, const struct route *route);
/* The site whose gateway takes packets of a VNet for this address by a route to `gateway`; NONE where the VNet has
 * none. */
uint32_t routing_site(const struct world *world, uint32_t vnet, const struct route *route, be32 dst);
int routing_refresh(struct world *world); /* the routes of all subnets, again */
/* ---- the NAT gateway's own file ---- */
/* The subnet leaves by this NAT gateway from now on, or by none; false where it does already. */
bool subnet_set_way_out(struct world *world, uint32_t subnet, uint32_t gateway);
/* ---- endpoints of services ---- */
/* Does a subnet have the route to an endpoint, beside these of its users? */
bool endpoint_is_routed(const struct world *world, uint32_t endpoint, uint32_t subnet, const struct route *users,
			size_t n);
/* ---- peering.c ---- */
int peering_build(struct world *world);
/* Gives a side other switches; routes, tags and gateways follow. */
int peering_set(struct world *world, uint32_t vnet, uint32_t other, const struct peering_switches *switches);
const struct peering_config *peering_side(const struct world *world, uint32_t vnet, uint32_t other); /* NULL */
bool peering_is_open_to_access(const struct world *world, uint32_t vnet, uint32_t other);
/* Does a peering stop a packet with this source that goes from one network to the other? */
bool peering_refuses(const struct world *world, uint32_t from, uint32_t to, be32 src, struct verdict *ret);
/* Does the site's gateway serve the network, as its own or as a remote one? */
bool site_joins(const struct world *world, uint32_t site, uint32_t vnet);
/* The network that it serves whose space holds the address; the node that has the address in one of them. NONE. */
uint32_t site_vnet_of(const struct world *world, uint32_t site, be32 addr);
uint32_t site_find(const struct world *world, uint32_t site, be32 addr);
/* ---- site.c ---- */
bool site_has_prefix(const struct site_config *site, be32 addr);
/* ---- fabric.c ---- */
struct edge *fabric_edge(struct world *world, uint32_t a, uint32_t b, bool make);
void fabric_refresh(struct world *world); /* after a class of links changed */
/* Would a packet get through? NULL verdict.reason where it would. */
struct fabric_route {
	uint32_t hop[6]; /* nodes: from, fabrics on the way, to */
	uint32_t n;
	enum link_class class;
	uint32_t class_at; /* the link of the class is that from hop[class_at] to the next */
};
struct fabric_route fabric_route(const struct world *world, uint32_t from, uint32_t from_region, uint32_t to,
				 uint32_t to_region, bool to_internet);
struct verdict fabric_state(const struct world *world, const struct fabric_route *route, uint32_t *ret_at);
/* ---- translate.c: what all translators share ---- */
int translate_build(struct world *world, uint32_t translator, const struct nat_rules *config);
int translate_timer(struct world *world, uint32_t translator);
/* Its timer is in the queue for what it has by now. */
void translate_arm(struct world *world, uint32_t translator);
/* The NAT at a node: of a machine the appliance's. */
static inline struct translator *translator_at(const struct world *world, uint32_t node)
{
	const struct node *n = &world->nodes[node];
	return &world->translators[element_is_end_point(n->kind) ? world->machines[n->index].own_nat : n->index];
}
static inline uint32_t translator_number(const struct world *world, uint32_t node)
{
	return (uint32_t)(translator_at(world, node) - world->translators);
}
/* No element owns the old public address from then on, and its mappings end. */
int translator_readdress(struct world *world, struct translator *translator, be32 addr);
uint32_t balance_owner(const struct world *world, const struct translator *translator, const struct machine *machine);
/* The number of a machine among the owners of ports there: of an instance at its own NAT, or of a machine of a balancer's
 * pool. NONE: it is none of them, as a front end at its VIP. */
static inline uint32_t translate_owner(const struct world *world, const struct translator *translator,
				       const struct machine *from)
{
	if (__builtin_expect(from->owner_at == translator->node, 1))
		return from->number;
	return translator->kind == ELEMENT_FRONTEND ? balance_owner(world, translator, from) : NONE;
}
/* Whose ports it has there: a machine that is no owner has those of the first. */
static inline uint32_t translate_owner_or_first(const struct world *world, const struct translator *translator,
						const struct machine *from)
{
	uint32_t owner = translate_owner(world, translator, from);
	return owner == NONE ? 0 : owner;
}
/* The name of the rule by which it translates. */
const char *translate_rule(const struct translator *translator);
/* Of an ICMP error: NONE, and the packet that it is about; or why it is about none: NO_MAPPING, BAD_CHECKSUM. */
enum reason translate_error_about(const struct translator *translator, const struct packet *packet, struct tuple *ret);
bool translate_is_error(const struct packet *packet); /* no query, so that it is about another packet */
/* ---- translate_read.c ---- */
enum translate_reading { READING_USUAL, READING_ERROR, READING_INVALID };
/* Of a whole packet, or a first fragment. */
enum translate_reading translate_read_closely(const struct translator *translator, const struct packet *packet);
static inline enum translate_reading translate_read(const struct translator *translator, const struct packet *packet)
{
	bool usual = packet_ip_const(packet)->proto != PROTO_ICMP && !translator->kernel_packets;
	return __builtin_expect(usual, 1) ? READING_USUAL : translate_read_closely(translator, packet);
}
/* As a NAT's table has it: each kind of ICMP query is a protocol there. */
uint8_t translate_query_proto(uint8_t icmp_type);
static inline struct tuple translate_tuple(const struct packet *packet)
{
	struct tuple tuple = packet_tuple(packet);
	if (__builtin_expect(tuple.proto == PROTO_ICMP, 0) && !packet_is_fragment(packet))
		tuple.proto = translate_query_proto(((const struct icmp_header *)packet_l4_const(packet))->type);
	return tuple;
}
/* Where the file has the rule: the same line, whatever it does to a packet. */
struct place translate_place(const struct translator *translator, const char *rule);
struct decision;
void translate_drop(const struct world *world, const struct translator *translator, enum reason reason,
		    const char *rule, const char *detail, struct decision *ret);
/* The packet goes out as it is: so the trail says. */
void translate_keep(struct world *world, const struct translator *translator, const struct packet *packet,
		    const char *why);
/* ---- device.c: a device in place of a NAT ---- */
/* What comes out of the device, in place of what the decision says. */
void device_commit(struct world *world, struct translator *translator, bool outbound, struct packet *packet,
		   struct decision *decision);
/* The port that the model gave for one that the device chose. */
be16 device_models_port(const struct translator *translator, uint8_t proto, be32 remote, be16 remote_port, be16 outer);
void device_free(struct translator *translator);
/* ---- translate_fragments.c ---- */
struct fragment_key { /* whose fragment: as it came, before it was rewritten */
	bool outbound;
	uint8_t proto;
	be16 ip_id;
	be32 src, dst;
};
/* Which way a fragment goes. */
enum fragment_way {
	FRAGMENT_NONE,     /* the packet is none */
	FRAGMENT_IS_FIRST, /* into the NAT, which decides for all */
	FRAGMENT_ON,       /* on, with the address that the first one got */
	FRAGMENT_WAITS,    /* for the first; or, where datagrams are put together, for the rest */
	FRAGMENT_REFUSED,  /* this NAT translates none */
	/* where datagrams are put together */
	FRAGMENT_COMPLETES, /* it is the last that was missing: the NAT decides about the datagram */
	FRAGMENT_AGAIN,     /* these bytes are there already: it is dropped alone */
	FRAGMENT_OVERLAPS,  /* the whole datagram is dropped */
};
/* ON: *ret_addr; COMPLETES: *ret_whole. */
enum fragment_way fragments_decide(const struct world *world, const struct translator *translator,
				   const struct fragment_key *key, const struct packet *packet, be32 *ret_addr,
				   struct packet *ret_whole);
/* All fragments of a datagram that is put together, this one too, by their place in it; they are forgotten here. */
struct packet *fragments_take_all(struct world *world, uint32_t translator, const struct fragment_key *key,
				  struct packet *packet);
/* Its other fragments end as the decision about this one says. */
void fragments_drop_others(struct world *world, uint32_t translator, const struct fragment_key *key,
			   const struct decision *decision);
/* Before the commit of a fragment: makes the table, expires what is due. False where memory is short. */
bool fragments_begin(struct world *world, uint32_t translator);
/* Keeps a fragment that waits; the decision becomes a drop where there is no room. */
void fragments_hold(struct world *world, uint32_t translator, const struct fragment_key *key, struct packet *packet,
		    struct decision *decision);
/* The first was translated to this address. Returns those that waited for it, a list by `next`. */
struct packet *fragments_release(struct world *world, uint32_t translator, const struct fragment_key *first, be32 addr);
void fragments_timer(struct world *world, uint32_t translator);
void fragments_free(struct translator *translator);
/* ---- translate_reset.c ---- */
/* A mapping ended for want of traffic: both ends that still hold the connection are reset. */
void reset_both_ends(struct translator *translator, const struct nat_mapping *mapping, const struct nat_acks *acks);
struct leg;
struct leg reset_begin(struct world *world, uint32_t translator,
		       struct packet *packet); /* counted and reported; where it begins */
/* ---- results.c ---- */
/* Both ends of an idle connection are reset by the element at `node`; see struct world_reset. */
void results_reset(struct world *world, uint32_t node, uint32_t connection, int64_t idle_ns, const char *rule);
void results_mapping(struct world *world, const struct translator *translator, const struct nat_mapping *mapping,
		     struct instant ended, const char *why);
/* ---- balance_build.c, balance_probe.c, balance_reset.c ---- */
int balance_build(struct world *world);
/* The node of the frontend that has the NAT which this one shares. */
uint32_t balance_nat_node(const struct world *world, const struct translator *translator);
void balance_sync(struct world *world);  /* before the network changes */
void balance_probe(struct world *world); /* after it did: what do probes find from now on? */
int balance_timer(struct world *world, uint32_t translator);
/* ---- vip.c ---- */
bool vip_is_for_management(const struct world *world, const struct translator *translator, uint16_t port);
bool vip_is_management(const struct world *world, be32 addr);
int vip_build(struct world *world, uint32_t ase);
int vip_resize(struct world *world, uint32_t ase);
void vip_instance_gone(struct world *world, const struct machine *machine);
/* ---- health.c ---- */
int health_note(struct world *world); /* all environments try their needs now */
/* ---- timeline.c ---- */
int timeline_apply(struct world *world, uint32_t event);
#endif
