/* Inside the world; for the rooms network and traffic alone. */
#ifndef PKTPATH_NETWORK_WORLD_INTERNAL_H
#define PKTPATH_NETWORK_WORLD_INTERNAL_H
#include "base/arena.h"
#include "base/pool.h"
#include "base/random.h"
#include "base/slab.h"
#include "host/dialogue.h"
#include "host/path_mtu.h"
#include "host/reassembly.h"
#include "host/tcp.h"
#include "host/udp.h"
#include "model/arrivals.h"
#include "model/elements.h"
#include "net/craft.h"
#include "network/world.h"
#include "rule/flows.h"
#include "rule/nat.h"
#include "rule/nsg.h"
#include "rule/order.h"
#include "rule/record.h"
#include "rule/route.h"
#include "sim/link.h"
#include "sim/packets.h"
#include "sim/queue.h"

#define EPHEMERAL_FIRST 49152u /* RFC 6335 6 */

/* ---- nodes: all elements, by the register's index ---- */
struct node {
	const char *name;
	const char *description;
	enum element_kind kind;
	uint32_t index;    /* of an end point its machine, of a NAT that stands alone its translator; else the owner */
	uint32_t region;   /* NONE on the Internet */
	uint64_t identity; /* random_name(name) */
};

/* An end point: a NIC and the stack behind it. */
struct machine {
	uint32_t node;
	enum element_kind kind;
	be32 addr;
	be32 public_ip; /* of a VM */
	uint32_t realm; /* whose addresses it has: a VNet's, a site's (realm_of_site()), or NONE: public */
	uint32_t vnet;  /* NONE outside VNets; of Azure's resolver, too */
	uint32_t site;  /* NONE outside sites */
	uint32_t subnet;
	uint32_t region;     /* NONE on the Internet */
	uint32_t ase;        /* NONE but for front ends and workers */
	uint32_t number;     /* of the worker or front end; index of the host */
	uint32_t translator; /* through which calls leave the VNet; NONE where they need none */
	uint32_t nsg[2];     /* of its NIC, of its subnet, in the order of the outbound passage; NONE: no group */
	bool guarded;        /* by either */
	uint32_t own_nat;    /* translator of an appliance that translates what it forwards; NONE */
	bool used;           /* a packet came from here, or came in */
	bool exists;         /* a worker beyond the present scale does not */
	bool up;
	uint8_t way_out; /* out of its subnet: which of those in machine.c */
	uint8_t ttl; /* Windows 128 on the environment's machines, Linux 64 elsewhere (azure-facts.md, "On the wire") */
	uint16_t next_port; /* ephemeral, RFC 6335 6: from 49152 */
	uint16_t ip_id;
	/* no ephemeral port is left towards this port of this address; 0: nothing is known of that */
	be16 full_to_port;
	be32 full_to;
	uint32_t n_listen;
	const struct service_port *listen;
	struct mac mac;
};

/* Who translates: an environment's VIP, the address that Azure lends to a VNet's machines, a site's NAT, an
 * appliance. */
struct translator {
	uint32_t node;
	enum element_kind kind; /* ELEMENT_VIP, _LENT, _SITE_NAT or _APPLIANCE */
	be32 addr;
	uint32_t region;        /* NONE: its outside is the Internet, or, of an appliance, its VNet */
	uint32_t realm;         /* of the inside addresses */
	uint32_t ase;           /* NONE but for a VIP */
	uint32_t site;          /* NONE but for a site's NAT */
	struct place place;     /* of what it belongs to */
	struct place nat_place; /* of its keys */
	struct world *world;
	struct nat *nat;
	struct device *device;            /* translates in its place; NULL */
	struct held_fragments *fragments; /* NULL until one comes */
	bool hairpin, translates_icmp, translates_fragments, resets_on_idle;
	bool udp_fragments_alone, follows_tcp;
	enum nat_unknown unknown; /* what a packet of no mapping draws */
	struct instant armed;     /* of the one timer event */
	uint64_t exhausted;       /* connections that found no port */
	uint32_t *exhausted_by_worker;
	struct flows *flows;     /* of a VIP: its balanced connections; else NULL */
	bool readdressed;        /* of a VIP: this address is not the first */
	uint8_t open[65536 / 8]; /* TCP ports with a load balancing rule */
};

/* ---- connections ---- */
enum connection_phase {
	PHASE_NEW,
	PHASE_DNS,     /* waiting for the resolver */
	PHASE_RUNNING, /* calling, or exchanging */
	PHASE_OVER,    /* the outcome is known */
};
enum connection_flag {
	CONNECTION_BAD_GATEWAY = 1, /* the front end answers 502 */
	CONNECTION_EXHAUSTED = 2,   /* counted as having found no port */
	CONNECTION_PAUSED = 4,
	CONNECTION_HELD_PUSH = 8,  /* data on a held connection are on their way */
	CONNECTION_FTP = 16,       /* a session of FTP: its events are ftp.c's */
	CONNECTION_TORN_DOWN = 32, /* one of its ends was reset, be its outcome known already or not */
};

/* ROLE_COUNT: of those whose TCBs a connection keeps itself; the two ends of FTP's data connection are ftp.c's to
 * keep. */
enum role { ROLE_CALLER, ROLE_SERVER, ROLE_FRONT, ROLE_RELAY, ROLE_COUNT, ROLE_DATA_CALLER, ROLE_DATA_SERVER };

struct connection {
	uint32_t flow;
	uint32_t tcb[ROLE_COUNT]; /* POOL_NONE where there is none */
	uint32_t caller;          /* machine; NONE before the start */
	uint32_t loss;            /* in world.losses, NONE where nothing was lost */
	uint32_t serial;          /* of the next packet */
	uint32_t retransmissions;
	uint32_t mapping; /* hint: of a NAT on its way, where it was found last; 0 where none was */
	uint32_t
		/* datagrams: rounds done; TCP: 1 + the connection that took its TCBs over, 0 where none did */
		round;
	be32 to_addr;
	uint16_t from_port, to_port;
	uint8_t phase, outcome, flags, tries;
	struct instant ended;
};
_Static_assert(sizeof(struct connection) == SLAB_LINE_BYTES,
	       "every packet looks at its connection: at one line of the cache");

#define CONNECTION_CHUNK_SHIFT 12u

struct flow_state {
	uint32_t first_connection;
	const struct dialogue *dialogue;       /* TCP */
	struct ftp_flow *ftp;                  /* in place of a dialogue, where FTP is spoken */
	const struct payload *request, *reply; /* UDP, echo; request: late data, too */
	const struct payload *dns_query, *dns_answer;
	be32 dns_answer_addr;
	const char *dns_name;
	uint64_t next_packet_id;
	uint64_t identity;
	int64_t **starts_ns; /* of Poisson arrivals, in chunks as connections are; NULL of others */
	uint32_t next_start; /* connections started so far */
	uint32_t next_look;  /* connections that call_timeout.c has looked at, or need not */
	bool look_is_due;    /* an event for the next one is on its way */
	uint64_t originated, delivered, dropped, translated, retransmissions;
};

/* The state of a link that differs from its class. */
struct edge {
	uint32_t a, b;    /* nodes, a < b */
	const char *name; /* as the timeline named it first: A--B */
	bool up, has_latency, has_loss;
	int64_t latency_ns;
	uint64_t loss_parts;
};
struct line { /* what a link with a rate remembers, one way */
	uint32_t from, to;
	struct link_state state;
};

/* Where an address is. */
struct place_of_address {
	be32 addr;
	uint32_t realm; /* a VNet, a site (realm_of_site()), NONE: public */
	uint32_t node;  /* of the machine or translator; NONE: a free slot */
};
struct address_table {
	struct place_of_address *slots;
	uint32_t mask;
	uint32_t n;
};

/* What was chosen for an address last: a choice looks at all routes, and packets go to few addresses. */
#define ROUTE_MEMO_BITS 6 /* of the number of slots */
struct route_memo {
	be32 dst;
	const struct route *route; /* NULL: a free slot */
};
struct subnet_routes {
	const struct route *routes;
	size_t n;
	struct route_memo *memo; /* NULL for a table by itself, which nobody asks */
};

/* Which TCB a segment is for. */
struct demux_slot {
	uint32_t tag;
	uint32_t tcb;
};

enum event_what {
	WHAT_ARRIVAL,          /* object: packet; a: its connection; key: destination node, source node */
	WHAT_TCP_TIMER,        /* a: TCB, b: its serial number */
	WHAT_NAT_TIMER,        /* a: translator */
	WHAT_FLOW_START,       /* a: flow */
	WHAT_TIMELINE,         /* a: event */
	WHAT_PAUSE_OVER,       /* a: connection */
	WHAT_HOLD_OVER,        /* a: connection */
	WHAT_FIRST_LOOK,       /* a: flow */
	WHAT_CALL_TIMEOUT,     /* a: connection, b: its progress at the last look */
	WHAT_DATAGRAM_TIMEOUT, /* a: connection, b: try */
	WHAT_FTP_RETRIEVAL,    /* a: connection */
	WHAT_NAT_RESET,        /* object: packet; a: translator */
	WHAT_FRAGMENT_TIMER,   /* a: translator */
};

struct world_tcb { /* a TCB in the pool */
	struct tcb tcb;
};

struct world {
	const struct model *model;
	struct arena *arena;
	uint64_t seed;
	struct instant now;
	struct instant stop;
	int error; /* negative: a fatal error inside a callback that has no way to return it */
	struct trail trail;
	struct queue queue;
	struct packets packets;
	struct craft craft;
	struct tcp_env tcp;
	uint32_t lane_rto, lane_delayed_ack, lane_time_wait, lane_call_timeout;

	struct node *nodes;
	uint32_t n_nodes;
	struct machine *machines;
	uint32_t n_machines, n_stopped; /* n_stopped: that are not up */
	struct translator *translators;
	uint32_t n_translators;
	uint32_t *first_front_end, *first_worker; /* machines, by environment */
	uint32_t *host_machine;                   /* by host */
	uint32_t *ase_translator;                 /* by environment */
	uint32_t *vnet_outbound;                  /* translator, by VNet */
	uint32_t *region_node;
	uint32_t backbone_node, internet_node;
	uint32_t azure_dns, public_dns; /* machines */
	const uint32_t *gateway_node;   /* by site; NONE where it has no gateway */
	uint32_t *site_translator;      /* by site; NONE where it has no NAT */
	struct address_table addresses;

	/* what NICs and subnets decide by, as it is now */
	struct nsg_rules *nsgs;  /* by group */
	const char **nsg_by;     /* "nsg/only-ase-one" */
	uint64_t **nsg_used;     /* by group and id of the rule: decisions about packets and health */
	struct nsg_tags *tags;   /* by subnet */
	struct records *records; /* NULL where no machine is guarded */
	struct records
		*public_flows; /* from outside to machines' public addresses; NULL where there is no NAT gateway */
	struct order *order;   /* of fragments in virtual networks; NULL until one comes */
	struct subnet_routes *routes; /* by subnet */
	struct subnet_routes *tables; /* the user's, by route table */
	const char **table_by;        /* "route/to-firewall" */
	uint64_t **route_used;        /* by table and id of the route */
	struct world_host_name *host_names;
	size_t n_host_names;

	struct link_properties links[LINK_CLASS_COUNT];
	uint32_t link_lane[LINK_CLASS_COUNT];
	bool link_plain[LINK_CLASS_COUNT];     /* up, no loss, no jitter, no rate: a latency and nothing else */
	const char *link_by[LINK_CLASS_COUNT]; /* as expectations name it: "internet" */
	const char **subnet_by;                /* "subnet/contoso/data" */
	struct edge *edges;
	uint32_t n_edges, capacity_edges;
	struct line *lines;
	uint32_t n_lines, capacity_lines;

	uint32_t *workers; /* present number, by environment */
	bool *app_on_all;  /* by app */
	uint32_t **app_on; /* workers, by app */
	size_t *app_n_on;

	struct flow_state *flows;
	struct connection **connection_chunks;
	struct slab connection_slab;
	uint32_t n_connections;
	struct pool tcbs;
	struct reassembly *reassembly; /* of datagrams that come in pieces */
	struct path_mtus *path_mtus;   /* what machines remember of paths; NULL until one learns */
	struct ftp_ports *
		*ftp_ports; /* passive ports by machine, then by environment; NULL where nobody asked for one */
	struct demux_slot *demux;
	uint32_t demux_mask, n_demux;
	struct world_loss *losses;
	uint32_t n_losses, capacity_losses;
	struct world_health_change *health; /* what each environment found */
	size_t n_health, capacity_health;
	bool *event_inert;
	const char **event_why;

	struct outgoing *outgoing; /* what machines and NATs have sent in this event, in order */
	uint32_t n_outgoing, capacity_outgoing;
	struct world_counts counts;
	int (*nat_observer)(void *context, const struct world_mapping *mapping);
	void *nat_observer_context;
};

/* ---- build.c ---- */
int world_build(struct world *world);
/* ---- addresses.c ---- */
int address_add(struct world *world, uint32_t realm, be32 addr, uint32_t node);
void address_remove(struct world *world, uint32_t realm, be32 addr);
uint32_t address_find(const struct world *world, uint32_t realm, be32 addr); /* a node, NONE where nobody has it */
bool vnets_are_peers(const struct world *world, uint32_t a, uint32_t b);
bool vnet_holds(const struct world *world, uint32_t vnet, be32 addr); /* in its space */
uint32_t vnet_of_address(const struct world *world, be32 addr);       /* whose space holds it; NONE */
/* What a name or end point means for a caller, now. */
be32 resolve_endpoint(const struct world *world, const struct endpoint *to, const struct machine *from);
/* ---- stack.c: the stack of each end point ---- */
void machine_init(struct world *world);
struct tcb *machine_call(struct world *world, uint32_t machine, uint32_t connection, enum role role, be32 to,
			 uint16_t to_port, uint8_t syn_retries);
void machine_input(struct world *world, uint32_t machine, struct packet *packet);
/* To the cache: what a call, taking the call, and the end of TIME-WAIT will touch. */
void machine_fetch_call(const struct world *world, uint32_t machine, be32 to, uint16_t to_port);
void machine_fetch_accept(const struct world *world, uint32_t machine, const struct packet *syn);
void machine_fetch_end(const struct world *world, const struct event *timer);
void machine_fetch_last(const struct world *world,
			const struct tcb *tcb);             /* what the acknowledgment of its FIN will touch */
void machine_forget(struct world *world, uint32_t machine); /* all its TCBs: it is gone */
uint16_t machine_port(struct world *world, struct machine *machine, be32 to, uint16_t to_port);
bool machine_listens(const struct world *world, const struct machine *machine, uint16_t port, uint8_t proto);
struct packet *packet_for(struct world *world, uint32_t connection);
/* In bytes of IP: what the machine knows of the path to this address. */
static inline uint32_t machine_path_mtu(const struct world *world, uint32_t machine, be32 to)
{
	return __builtin_expect(!world->path_mtus, 1) ? PATH_MTU_UNKNOWN
						      : path_mtu(world->path_mtus, machine, to, world->now);
}
void machine_send(struct world *world, uint32_t machine, struct packet *packet);
/* ---- path.c ---- */
/* A machine sends: the packet leaves once the event that made it is through (world_run()). */
void path_send(struct world *world, uint32_t machine, struct packet *packet);
void path_drop(struct world *world, uint32_t node, struct packet *packet, const struct verdict *verdict,
	       uint32_t step_flags);
void path_tell(struct world *world, uint32_t node, const struct packet *packet, enum step_kind kind, uint32_t flags,
	       const struct verdict *verdict, const struct tuple *before);
/* A packet is sent for the first time: it gets its number in the flow. */
void path_count_originated(struct world *world, struct packet *packet);
/* What a node makes itself, being no machine of a NIC: counted and told. */
void path_make_own(struct world *world, uint32_t node, struct packet *packet);
/* A router's ICMP error about a packet: made, counted and told; NULL where none may be sent (RFC 1122 3.2.2) or memory
 * is short. */
struct packet *path_error(struct world *world, uint32_t node, be32 src, uint8_t type, uint8_t code, uint16_t mtu,
			  const struct packet *about);
/* A router cuts a packet that its next link does not take whole: `packet` is the first piece then. Returns the rest,
 * counted and told; NULL where memory is short. */
struct packet *path_cut(struct world *world, uint32_t node, uint32_t mtu_bytes, struct packet *packet);
bool path_lower_ttl(struct packet *packet, uint8_t hops); /* false where it ends here */
extern const uint8_t path_gateway_mac[6];                 /* of the far side of every NIC */
/* ---- security.c ---- */
int security_build(struct world *world);
void security_set(struct world *world, uint32_t nsg, const struct nsg_rules *rules);
/* The effective routes of a subnet changed: some of them are in its tag virtual-network. */
int security_set_routed(struct world *world, uint32_t subnet, const struct route *routes, size_t n);
/* ---- routing.c ---- */
int routing_build(struct world *world);
int routing_set(struct world *world, uint32_t table, const struct route *routes, size_t n);
const struct route *routing_choose(const struct world *world, const struct machine *machine, be32 dst);
/* As explanations name it: by and rule, with its place. */
struct verdict routing_verdict(const struct world *world, const struct route *route);
/* The site whose gateway takes packets of a VNet for this address by a route to `gateway`; NONE where the VNet has
 * none. */
uint32_t routing_site(const struct world *world, uint32_t vnet, const struct route *route, be32 dst);
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
struct translator *translator_at(const struct world *world, uint32_t node);
/* The name of the rule by which it translates. */
const char *translate_rule(const struct translator *translator);
/* Of an ICMP error: NONE, and the packet that it is about; or why it is about none: NO_MAPPING, BAD_CHECKSUM. */
enum reason translate_error_about(const struct packet *packet, struct tuple *ret);
bool translate_is_error(const struct packet *packet);
/* Where the file has the rule: the same line, whatever it does to a packet. */
struct place translate_place(const struct translator *translator, const char *rule);
struct decision;
void translate_drop(const struct world *world, const struct translator *translator, enum reason reason,
		    const char *rule, const char *detail, struct decision *ret);
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
	FRAGMENT_WAITS,    /* for the first */
	FRAGMENT_REFUSED,  /* this NAT translates none */
};
enum fragment_way fragments_decide(const struct world *world, const struct translator *translator,
				   const struct fragment_key *key, const struct packet *packet, be32 *ret_addr);
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
		       struct packet *packet); /* counted and told; where it begins */
/* ---- results.c ---- */
void results_mapping(struct world *world, const struct translator *translator, const struct nat_mapping *mapping,
		     struct instant ended, const char *why);
/* ---- vip.c ---- */
bool vip_port_is_open(const struct translator *translator, uint8_t proto, uint16_t port);
int vip_build(struct world *world, uint32_t translator);
int vip_resize(struct world *world, uint32_t ase);
int vip_readdress(struct world *world, uint32_t ase, be32 addr);
void vip_instance_gone(struct world *world, const struct machine *machine);
/* ---- call_timeout.c ---- */
void call_timeout_init(struct world *world);
void call_timeout_begin(struct world *world, uint32_t flow); /* a connection of the flow calls */
void call_timeout_first_look(struct world *world, uint32_t flow);
void call_timeout_look(struct world *world, uint32_t connection, uint64_t progress_before);
/* ---- flow.c, conversation.c, relay.c, datagram.c ---- */
int flow_build(struct world *world);
int flow_start(struct world *world, uint32_t flow);
void flow_fetch_start(const struct world *world); /* to the cache: what the next flow_start() will touch */
void connection_call(struct world *world, uint32_t connection); /* the address is known: open */
void connection_over(struct world *world, uint32_t connection, enum outcome outcome);
void connection_pause(struct world *world, uint32_t connection);
void connection_hold_over(struct world *world, uint32_t connection);
void connection_pause_over(struct world *world, uint32_t connection);
void conversation_event(void *context, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
void caller_send_turn(struct world *world, struct tcb *tcb);
const struct payload *turn_message(const struct world *world, const struct connection *connection, uint32_t turn);
void server_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
uint32_t turn_size(const struct world *world, const struct connection *connection, uint32_t turn);
void relay_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
void held_push_start(struct world *world, uint32_t flow);
void held_push_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
void datagram_start(struct world *world, uint32_t connection);
void datagram_input(struct world *world, uint32_t machine, struct packet *packet);
void datagram_timeout(struct world *world, uint32_t connection, uint64_t attempt);
void dns_start(struct world *world, uint32_t connection);
void datagram_refused(struct world *world, uint32_t machine, const struct packet *packet);
/* The worker whose turn it is among those that run the app and are up; NONE. */
uint32_t app_worker(const struct world *world, uint32_t app, uint32_t turn);
/* ---- ftp.c: TCP calls to port 21 ---- */
bool ftp_is_spoken(const struct flow_config *config);
int ftp_build(struct world *world, struct flow_state *flow, const struct flow_config *config);
bool ftp_start(struct world *world, uint32_t connection); /* false where memory is short */
void ftp_event(struct world *world, struct tcb *tcb, enum tcp_event event, uint32_t bytes);
void ftp_retrieve(struct world *world, uint32_t connection); /* the server sends */
void ftp_pause_over(struct world *world, uint32_t connection);
uint64_t ftp_progress(const struct world *world, uint32_t connection);
void ftp_give_up(struct world *world, uint32_t connection); /* the call timed out */
bool ftp_awaits_data(const struct world *world, uint32_t connection, uint32_t machine,
		     uint16_t port); /* a SYN to its passive port */
uint32_t *ftp_data_tcb(struct world *world, uint32_t connection,
		       enum role role); /* where the TCB of a data role is kept */
void ftp_tcb_gone(struct world *world, const struct tcb *tcb);
/* ---- health.c ---- */
int health_note(struct world *world); /* all environments try their needs now */
/* ---- timeline.c ---- */
int timeline_apply(struct world *world, uint32_t event);

/* ---- small things of every packet ---- */
static inline struct connection *connection_at(const struct world *world, uint32_t connection)
{
	return &world->connection_chunks[connection >> CONNECTION_CHUNK_SHIFT]
					[connection & ((1u << CONNECTION_CHUNK_SHIFT) - 1)];
}
static inline struct tcb *machine_tcb(const struct world *world, uint32_t index)
{
	return pool_at(&world->tcbs, index);
}
/* When a connection started that has. */
static inline struct instant connection_started(const struct world *world, uint32_t flow, uint32_t index)
{
	const struct flow_config *config = &world->model->flows[flow];
	int64_t **starts_ns = world->flows[flow].starts_ns;
	if (starts_ns)
		return (struct instant){
			starts_ns[index >> CONNECTION_CHUNK_SHIFT][index & ((1u << CONNECTION_CHUNK_SHIFT) - 1)]};
	return (struct instant){arrivals_start_ns(config, world->seed, index)};
}
/* A step of a packet, where somebody wants to know. */
static inline void path_step(struct world *world, uint32_t node, const struct packet *packet, enum step_kind kind,
			     uint32_t flags, const struct verdict *verdict, const struct tuple *before)
{
	if (trail_wanted(&world->trail, kind, packet))
		path_tell(world, node, packet, kind, flags, verdict, before);
}
static inline const struct flow_config *flow_of(const struct world *world, const struct connection *connection)
{
	return &world->model->flows[connection->flow];
}
static inline void world_fail(struct world *world, int error)
{
	if (error < 0 && world->error == 0)
		world->error = error;
}
#endif
