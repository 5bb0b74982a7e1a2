/* What the world knows, and keeps of every call: elements, tables, connections. Network decides by it, traffic sends by
 * it. What each of them does is in network/world_internal.h and traffic/traffic.h; what they ask of each other in
 * network/calls.h. */
#ifndef PKTPATH_NETWORK_WORLD_STATE_H
#define PKTPATH_NETWORK_WORLD_STATE_H
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
	uint32_t region; /* NONE on the Internet */
	uint32_t owner;  /* environment, host, web app, ...: the register's, as is number */
	uint32_t number;
	uint32_t translator; /* through which calls leave the VNet; NONE where they need none */
	uint32_t
		owner_at; /* the NAT where it has ports by its number: of a worker, of an instance of a web app; NONE */
	uint32_t nsg[2];  /* of its NIC, of its subnet, in the order of the outbound passage; NONE: no group */
	bool guarded;     /* by either */
	uint32_t own_nat; /* translator of an appliance that translates what it forwards; NONE */
	bool used;        /* a packet came from here, or came in */
	bool exists;      /* a worker beyond the present scale does not */
	bool up;
	bool sends_no_mail;               /* Azure drops what it sends to port 25 */
	bool answers_by_vip;              /* whatever its subnet's routes say */
	uint32_t first_member, n_members; /* of world.members: the balancing rules that have it */
	uint8_t way_out;                  /* out of its subnet: which of those in machine.c */
	uint8_t ttl; /* Windows 128 on the environment's machines, Linux 64 elsewhere (azure-facts.md, "On the wire") */
	uint16_t next_port; /* ephemeral, RFC 6335 6: from 49152 */
	uint16_t ip_id;
	/* no ephemeral port is left towards this port of this address; 0: nothing is known of that */
	be16 full_to_port;
	be32 full_to;
	uint32_t n_listen;
	const struct service_port *listen;
	struct sessions *sessions; /* of an appliance that is stateful and has no NAT; NULL */
	struct mac mac;
};

/* Who translates: an environment's VIP, the address that Azure lends to a VNet's machines, a site's NAT, an
 * appliance. */
struct translator {
	uint32_t node;
	enum element_kind kind; /* of an element that is a NAT, or has one */
	be32 addr;
	uint32_t region;        /* NONE: its outside is the Internet, or, of an appliance, its VNet */
	uint32_t realm;         /* of the inside addresses */
	uint32_t owner;         /* environment, VNet, site, frontend, ...: the register's */
	struct place place;     /* of what it belongs to */
	struct place nat_place; /* of its keys */
	struct world *world;
	struct nat *nat;
	struct device *device;            /* translates in its place; NULL */
	struct held_fragments *fragments; /* NULL until one comes */
	struct ftp_gateway *ftp;          /* NULL until an end inside says something */
	bool hairpin, translates_icmp, translates_fragments, resets_on_idle;
	bool hairpins_forwards; /* what comes to its own address from inside comes back in where a forward names it */
	bool has_statics, has_exceptions;
	bool reads_ftp;
	bool udp_fragments_alone, follows_tcp;
	bool is_usual;            /* what translate_known.c knows holds for it */
	bool kernel_packets;      /* rule/nat.h */
	enum nat_unknown unknown; /* what a packet of no mapping draws */
	struct instant armed;     /* of the one timer event */
	uint64_t exhausted;       /* connections that found no port */
	struct flows *flows;      /* of a balancer: its connections; else NULL */
	struct balance *balance;  /* of a VIP or a frontend: its rules; else NULL */
	bool borrows_nat;         /* of another frontend */
	const char *rule;         /* of a frontend, the outbound rule by which it translates; else NULL */
	bool readdressed;         /* of a VIP: this address is not the first */
	uint8_t open[65536 / 8];  /* TCP ports with a load balancing rule */
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
	struct crafted_flow *crafted;          /* in place of one, where packets are made by hand; else NULL */
	const struct payload *request, *reply; /* UDP, echo; request: late data, too */
	const struct payload *dns_query, *dns_answer;
	be32 dns_answer_addr;
	const char *dns_name;
	struct instant *last_said; /* by connection, where the flow has `keepalive` */
	uint64_t next_packet_id;
	uint64_t identity;
	int64_t **starts_ns; /* of Poisson arrivals, in chunks as connections are; NULL of others */
	uint32_t next_start; /* connections started so far */
	uint32_t next_look;  /* connections that call_timeout.c has looked at, or need not */
	bool look_is_due;    /* an event for the next one is on its way */
	uint64_t originated, delivered, dropped, translated, retransmissions;
};

/* A network's sides of its peerings, as they are now, and how verdicts name them. */
struct peering_sides {
	struct peering_config *items;
	size_t n;
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

enum { EGRESS_TCP, EGRESS_UDP, EGRESS_ICMP, EGRESS_COUNT };

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
	struct route_memo *memo; /* NULL for a table by itself, which nothing asks */
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
	WHAT_KEEPALIVE,        /* a: connection */
	WHAT_CRAFTED,          /* a: flow, b: packet */
	WHAT_KIND_TIMER,       /* a: node of an element of one of the kinds */
	WHAT_BALANCE_TIMER,    /* a: translator */
};

struct world_tcb { /* a TCB in the pool */
	struct tcb tcb;
};

/* What is kept of a TCB that waits in TIME-WAIT for nothing but its end: traffic/time_wait.c. Where a TCB has a number,
 * one with TCB_RESTS set is such a record's. */
struct resting_tcb {
	struct instant due;
	uint32_t connection;
	uint32_t owner; /* the machine; NONE: it is over, or awake */
	be32 local_addr, remote_addr;
	be16 local_port, remote_port;
	uint32_t snd_max, rcv_nxt;
	uint32_t woken; /* the TCB that it became again; POOL_NONE */
	uint16_t ip_id, flags;
	uint8_t role, ttl;
};
#define TCB_RESTS UINT32_C(0x80000000)

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
	uint32_t lane_rto, lane_delayed_ack, lane_time_wait, lane_call_timeout, lane_late;

	struct node *nodes;
	uint32_t n_nodes;
	struct machine *machines;
	uint32_t n_machines, n_stopped; /* n_stopped: that are not up */
	struct translator *translators;
	uint32_t n_translators;
	struct peering_sides *peerings;     /* by VNet */
	uint32_t *remote;                   /* the peer whose gateway a VNet uses; NONE */
	struct flows *private_calls;        /* by the answer of a service; NULL: there was none */
	bool has_shut_peering, has_transit; /* a switch of a peering is off; a VNet uses a peer's gateway */
	uint32_t azure_dns, public_dns;     /* machines */
	struct address_table addresses;
	struct shortcut *shortcuts; /* see shortcut.c */
	uint32_t shortcut_mask;
	uint32_t era; /* of the network: one more with each event of the timeline */

	/* what NICs and subnets decide by, as it is now */
	struct nsg_rules *nsgs;       /* by group */
	uint64_t **nsg_used;          /* by group and id of the rule: decisions about packets and health */
	struct nsg_tags *tags;        /* by subnet */
	void *kind_state[KIND_COUNT]; /* each kind's own, in the arena */
	struct records *records;      /* NULL where no machine is guarded */
	struct records
		*public_flows; /* from outside to machines' public addresses; NULL where there is no NAT gateway */
	struct order *order;   /* of fragments in virtual networks; NULL until one comes */
	struct subnet_routes *routes; /* by subnet */
	struct subnet_routes *tables; /* the user's, by route table */
	uint64_t **route_used;        /* by table and id of the route */
	struct world_host_name *host_names;
	size_t n_host_names;

	struct link_properties links[LINK_CLASS_COUNT];
	uint32_t link_lane[LINK_CLASS_COUNT];
	bool link_plain[LINK_CLASS_COUNT];     /* up, no loss, no jitter, no rate: a latency and nothing else */
	const char *link_by[LINK_CLASS_COUNT]; /* as expectations name it: "internet" */
	struct edge *edges;
	uint32_t n_edges, capacity_edges;
	struct line *lines;
	uint32_t n_lines, capacity_lines;

	struct membership *members; /* of balancing rules, by machine */
	bool has_probes;
	/* The frontend by which calls leave, by machine and EGRESS_*; NONE. By outbound rules; by automatic source NAT.
	 * NULL where there is no balancer. */
	uint32_t *subnet_way_out; /* the NAT gateway of each subnet, NONE: none; NULL where no NAT gateway is */
	bool has_changed_way_out; /* by the timeline */
	uint32_t *egress_by_rule, *egress_automatic;

	uint32_t *workers; /* present number, by environment */
	bool *app_on_all;  /* by app */
	uint32_t **app_on; /* workers, by app */
	size_t *app_n_on;

	struct flow_state *flows;
	struct connection **connection_chunks;
	struct slab connection_slab;
	uint32_t n_connections;
	struct instant last_planned; /* no flow, event or expectation is later */
	bool flows_keep_alive;       /* some flow has `keepalive`: most packets need not look */
	bool sends_differ;           /* some flow has `df` or `keepalive`, or some TCB an origin: most need not look */
	uint32_t *origins;           /* by TCB: where its calls come from, of those that have one */
	uint32_t capacity_origins;
	struct udp_socket *sockets; /* of UDP flows that keep theirs */
	uint32_t n_sockets, capacity_sockets;
	struct ftp_lines *ftp_lines; /* that name an address */
	struct pool tcbs, resting_tcbs;
	struct reassembly *reassembly; /* of datagrams that come in pieces */
	struct path_mtus *path_mtus;   /* what machines remember of paths; NULL until one learns */
	struct ftp_ports *
		*ftp_ports; /* passive ports by machine, then by environment; NULL where nothing asked for one */
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
	int (*reset_observer)(void *context, const struct world_reset *reset);
	void *reset_observer_context;
	int (*health_observer)(void *context, const struct world_health_change *change);
	void *health_observer_context;
};

/* Of an end point. */
static inline uint32_t machine_number(const struct world *world, uint32_t element)
{
	return world->nodes[element].index;
}
static inline const struct machine *machine_at(const struct world *world, uint32_t element)
{
	return &world->machines[world->nodes[element].index];
}
#endif
