/* The model: what a scenario file says, checked and resolved, in plain values. It never changes during a run.
 *
 * DOC: everything lives in one arena. Maps are arrays sorted by name, so that the order in the file has no effect.
 * References are indices into these arrays; NONE where there is none. Every thing keeps the place of its key in the
 * file. */
#ifndef PKTPATH_MODEL_MODEL_H
#define PKTPATH_MODEL_MODEL_H
#include "base/place.h"
#include "model/balancers.h"
#include "model/kinds.h"
#include "net/prefix.h"
#include "net/reason.h"
#include "rule/nat.h"
#include "rule/nsg.h"
#include "rule/route.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NONE UINT32_MAX

/* ---- network ---- */
struct region_config {
	const char *name;
	struct place place;
};

enum link_class { LINK_SUBNET, LINK_VNET, LINK_REGION, LINK_BACKBONE, LINK_GATEWAY, LINK_INTERNET, LINK_CLASS_COUNT };
const char *link_class_name(enum link_class class);

struct link_config { /* one way */
	int64_t latency_ns;
	int64_t jitter_ns;        /* added, uniform in [0, jitter] */
	uint64_t loss_parts;      /* in 2^32 */
	uint64_t rate_bits_per_s; /* 0: no limit */
	uint64_t queue_bytes;     /* waiting bytes at a limited link; 0: no limit */
	bool up;
	struct place place;
};

/* The four switches of one side of a peering (azure: virtual-network-manage-peering). */
struct peering_switches {
	bool access;             /* machines here may send to the other network */
	bool forwarded;          /* what the other network only forwards may come in */
	bool gateway_transit;    /* the other network may use the gateway here */
	bool use_remote_gateway; /* this one uses the gateway there */
};

/* One side of a peering: nothing passes where the other network has none. */
struct peering_config {
	uint32_t vnet;  /* the other network */
	const char *by; /* as verdicts name this side */
	struct peering_switches switches;
	bool by_map;               /* its own network gives it key by key; else a list names it, here or there */
	struct place place;        /* where it is named */
	struct place remote_place; /* of `use_remote_gateway` */
};

struct vnet_config {
	const char *name;
	uint32_t region;
	struct prefix *space;
	size_t n_space;
	struct peering_config *peerings; /* its own sides, sorted by network */
	size_t n_peerings;
	bool has_peer_map; /* `peers` is a map */
	uint32_t *peers;   /* networks with which both have a side; sorted */
	size_t n_peers;
	uint32_t remote; /* the peer whose gateway it uses; NONE */
	struct place place;
};

struct subnet_config {
	const char *name;
	const char *by; /* as verdicts name it */
	uint32_t vnet;
	struct prefix cidr; /* the first of its ranges */
	struct prefix *cidrs;
	size_t n_cidrs;
	bool is_private;            /* it has no lent address */
	uint32_t nsg;               /* NONE: no group */
	uint32_t routes;            /* route table, NONE: none */
	uint32_t nat_gateway;       /* NONE: none */
	bool has_endpoint_policies; /* given, or there are endpoints */
	enum endpoint_policies endpoint_policies;
	const char **service_endpoints; /* as the file names them: "sql", "storage-global", a tag */
	size_t n_service_endpoints;
	uint32_t *served; /* hosts that are reached by them, sorted */
	size_t n_served;
	struct place place, endpoints_place;
};

static inline bool subnet_holds(const struct subnet_config *subnet, be32 addr)
{
	for (size_t i = 0; i < subnet->n_cidrs; i++)
		if (prefix_contains(subnet->cidrs[i], addr))
			return true;
	return false;
}

/* Does the gateway of a network serve another one, too, as that one's remote gateway? Or is it the same network? */
static inline bool vnet_uses_gateway_of(const struct vnet_config *vnets, uint32_t vnet, uint32_t of)
{
	return vnet == of || (vnet != NONE && vnets[vnet].remote == of && of != NONE);
}

/* A service tag of the scenario, as Azure calls it (service-tags-overview). */
struct tag_config {
	const char *name;
	struct nsg_named named;
	struct place place;
};

/* An application security group: machines that rules name together. */
struct asg_config {
	const char *name;
	struct nsg_named named; /* the addresses of its machines, once these are known */
	bool used;              /* a rule names it */
	struct place place;
};

/* Its calls out leave by a NAT of its own. */
static inline bool subnet_has_nat(const struct subnet_config *subnet)
{
	return subnet->nat_gateway != NONE;
}

/* A network security group, as it is at the start. */
struct nsg_config {
	const char *name;
	const char *by; /* as verdicts name it (decided_by.h) */
	struct nsg_rules rules;
	uint32_t n_ids; /* ids of its rules are below this, those that the timeline adds included */
	struct place place;
};

struct route_table_config { /* as it is at the start */
	const char *name;
	const char *by;       /* as verdicts name it */
	bool gateway_routes;  /* false: the gateways' (BGP) routes are not taken over */
	struct route *routes; /* the user's, sorted by name; of target only APPLIANCE's is set */
	size_t n_routes;
	uint32_t n_ids;
	struct place place;
};

/* A listening port. */
struct service_port {
	uint16_t port;
	uint8_t proto; /* enum ip_proto */
	struct place place;
};

enum vip_port_group {
	VIP_PORTS_FTP = 1,
	VIP_PORTS_DEBUG = 2,
	VIP_PORTS_MANAGEMENT = 4,
	VIP_PORTS_ALL = 7 /* of v1 and v2 */,
	VIP_PORTS_WEB_DEPLOY = 8
};
enum need { NEED_STORAGE = 1, NEED_SQL = 2, NEED_MANAGEMENT = 4, NEED_PROBE = 8 };
#define N_NEEDS 4u

struct app_config {
	const char *name;
	const char *path; /* "ase-one/web" */
	uint32_t ase;
	const char *dns; /* never NULL */
	bool on_all;     /* runs on all workers, whatever their number */
	uint32_t *on;    /* numbers of workers, in the order given, where not on_all */
	size_t n_on;
	struct service_port *listen; /* default 80/tcp and 443/tcp */
	size_t n_listen;
	struct place place;
};

struct ase_config {
	const char *name;
	uint32_t subnet;
	uint32_t region;     /* of its VNet */
	uint32_t generation; /* 0: of the overview, v1; 1: v2; 2: v3 */
	bool is_later;       /* than v1 */
	be32 vip;            /* of v3 inbound alone; ADDR_NONE where it is internal */
	be32 internal;       /* an inbound address of its subnet (ILB); ADDR_NONE: none */
	be32 *outbound;      /* of v3: addresses of its calls to the Internet, without a NAT gateway */
	size_t n_outbound;
	uint32_t front_ends;
	uint32_t workers;
	uint32_t max_workers; /* the largest number that the timeline scales it to */
	be32 *addresses;      /* front ends, then workers 0 .. max_workers - 1 */
	struct nat_rules snat;
	int64_t idle_ns;            /* silence after which the VIP forgets an inbound flow */
	uint32_t ports;             /* enum vip_port_group: what is open besides the apps' ports */
	uint32_t needs;             /* enum need */
	uint32_t app_first, n_apps; /* in model.apps, which is sorted by environment, then name */
	struct place place;
};

/* A private network outside Azure: on premises, or behind a home router. */
enum gateway_kind { GATEWAY_VPN, GATEWAY_EXPRESS_ROUTE };
struct site_config {
	const char *name;
	struct prefix *prefixes;
	size_t n_prefixes;
	bool has_gateway;
	uint32_t vnet; /* that the gateway joins it to */
	enum gateway_kind kind;
	bool clamp_mss;            /* the gateway lowers the MSS that SYNs announce */
	struct prefix *advertises; /* by BGP; its prefixes where the file does not say */
	size_t n_advertises;
	bool has_nat; /* joined to the Internet through a NAT at nat.address */
	struct nat_rules nat;
	struct place place;
	struct place gateway_place, advertises_place;
};

enum host_kind { HOST_VM, HOST_INTERNET, HOST_SERVICE, HOST_SITE };
enum service_kind { SERVICE_NONE, SERVICE_STORAGE, SERVICE_SQL, SERVICE_MANAGEMENT };

struct host_config {
	const char *name;
	enum host_kind kind;
	uint32_t subnet; /* of a VM */
	uint32_t region; /* of a VM (its VNet's) or a service */
	enum service_kind service;
	/* private for a VM and a machine of a site, public for the others; automatic addresses are filled in */
	be32 addr;
	be32 public_ip;          /* of a VM; ADDR_NONE where it has none */
	bool public_is_standard; /* closed unless a group allows; else basic, and open */
	be32 pasv_address;       /* that its FTP server names; ADDR_NONE: its own */
	uint32_t site;           /* HOST_SITE; else NONE */
	uint32_t nsg;            /* on a VM's NIC; NONE: no group */
	bool forwards;           /* a VM that is a network virtual appliance */
	bool stateful;           /* that drops what belongs to no connection that it saw begin */
	bool has_nat;            /* that also translates what it forwards, to its own address */
	uint32_t *asgs;          /* application security groups of a VM */
	size_t n_asgs;
	struct nat_rules nat;
	const char *dns; /* NULL where it has none; a VM without one is NAME.VNET.internal.cloudapp.net */
	struct service_port *listen;
	size_t n_listen;
	struct place place;
};

/* ---- addresses that no scenario gives ---- */
#define AZURE_DNS_ADDR UINT32_C(0xa83f8110) /* 168.63.129.16 */
#define PUBLIC_DNS_ADDR                                                                                                \
	UINT32_C(0xc6120035) /* 198.18.0.53, of the range for benchmarks (RFC 2544), which no host of a scenario has */
#define OUTBOUND_ADDR_BASE UINT32_C(0xc6120100) /* 198.18.1.0 and on, one a VNet: addresses that Azure lends */
#define ENVIRONMENT_ADDR_BASE                                                                                          \
	UINT32_C(0xc6120200) /* 198.18.2.0 and on, one an environment without a public address: of its NAT, which then
			      * translates nothing */
#define WEB_APP_ADDR_BASE                                                                                              \
	UINT32_C(                                                                                                      \
		0xc6120300) /* 198.18.3.0 and on, two a web app: its inbound and its outbound address, where the file      \
			      * gives none */
#define WEB_APP_INSTANCE_BASE                                                                                          \
	UINT32_C(0xa9fe8101) /* 169.254.129.1 and on: instances of web apps that are not integrated */
#define GATEWAY_ADDR_BASE                                                                                              \
	UINT32_C(0xc6130000) /* 198.19.0.0 and on, one a site: where a gateway's ICMP errors come from */

/* ---- traffic ---- */
enum endpoint_kind {
	ENDPOINT_HOST,
	ENDPOINT_APP,
	ENDPOINT_WORKER,
	ENDPOINT_ASE,
	ENDPOINT_FRONTEND,
	ENDPOINT_WEB_APP,
	ENDPOINT_ADDRESS
};
struct endpoint {
	enum endpoint_kind kind;
	uint32_t index;  /* host, app (in model.apps), environment, frontend or web app */
	uint32_t worker; /* ENDPOINT_WORKER; WEB_APP: the instance that calls, NONE: they take turns */
	be32 addr;       /* ENDPOINT_ADDRESS */
};

/* A packet that a scenario makes itself (`packets`): of fields, or byte by byte. */
struct crafted_packet {
	int64_t at_ns;      /* after the flow's start */
	bool by_called;     /* sent by the end that is called */
	const uint8_t *hex; /* the whole IP packet; NULL: made of the fields below */
	size_t n_hex;
	uint8_t proto; /* enum ip_proto */
	bool has_src_port, has_dst_port;
	uint16_t src_port, dst_port; /* of echo: src_port is the identifier */
	uint8_t tcp_flags;
	uint32_t seq, ack;
	bool has_ttl, has_df, df, bad_checksum;
	uint8_t ttl;
	const uint8_t *payload;
	uint32_t payload_bytes;
	bool is_fragment, more; /* of a datagram that all fragments of this end and protocol belong to */
	uint32_t offset_bytes;  /* behind the IP header */
	bool has_icmp;
	uint8_t icmp_type, icmp_code;
	uint32_t about; /* ICMP error: the packet that it is about, from 1; 0: none */
	struct place place;
};

enum flow_then { THEN_CLOSE, THEN_HOLD, THEN_RESET };

/* Which end opens the data connections of FTP: the caller, or the server. */
enum flow_ftp { FTP_MODE_PASSIVE, FTP_MODE_ACTIVE };
/* How the connections of a flow are spread over time; `every` is their mean distance (model/arrivals.c). */
enum flow_arrivals { ARRIVALS_CONSTANT, ARRIVALS_POISSON, ARRIVALS_BURST };
struct flow_config {
	const char *name;
	const char *to_text; /* as written */
	struct endpoint from;
	struct endpoint to;
	uint16_t port; /* 0 for ICMP */
	uint8_t proto;
	int64_t at_ns;
	uint32_t count;
	int64_t every_ns;
	enum flow_arrivals arrivals;
	bool holds; /* each connection stays open for hold_ns (or that on average) before `then` */
	bool hold_is_exponential;
	int64_t hold_ns;
	uint32_t send_bytes, reply_bytes, rounds;
	int64_t pause_ns;
	enum flow_then then;
	bool dns;
	enum flow_ftp ftp;
	/* A flow with `late` opens nothing: it sends `send_bytes` on connection held_index of held_flow at at_ns. */
	bool is_held_push;
	uint32_t held_flow, held_index;
	bool push_by_caller;            /* the host named by `by` is the side that opened the connection */
	bool has_no_dialogue;           /* it is late, or sends packets made by hand */
	bool repeated;                  /* has `repeat`: its connections are named NAME[0], NAME[1], ... */
	uint16_t from_port;             /* of the caller; 0: any */
	int64_t keepalive_ns;           /* of TCP: the caller asks so often, while nothing is said; 0: never */
	bool has_df, df;                /* of the caller's packets; else as Linux sets it */
	uint8_t ttl;                    /* of the caller's packets; 0: the machine's */
	struct crafted_packet *packets; /* what it sends, in place of a conversation; in the order of the file */
	size_t n_packets;               /* 0: it is no such flow */
	struct place place;
};

enum event_kind {
	EVENT_SCALE,
	EVENT_MOVE,
	EVENT_LINK_CLASS,
	EVENT_LINK_EDGE,
	EVENT_STOP,
	EVENT_START,
	EVENT_NSG,
	EVENT_ROUTE,
	EVENT_VIP,
	EVENT_FIREWALL,
	EVENT_NAT,
	EVENT_ADDRESS,
	EVENT_PEER,
	EVENT_WAY_OUT,
};
struct event_config {
	int64_t at_ns;
	enum event_kind kind;
	uint32_t ase;     /* SCALE; MOVE: of the app */
	uint32_t workers; /* SCALE */
	uint32_t app;     /* MOVE, in model.apps */
	uint32_t *on;     /* MOVE */
	size_t n_on;
	enum link_class link; /* LINK_CLASS */
	uint32_t edge[2];     /* LINK_EDGE: elements, neighbours */
	bool has_state, up;   /* LINK_* */
	bool has_latency, has_loss;
	int64_t latency_ns;
	uint64_t loss_parts;
	uint32_t target; /* STOP, START: element, a host, worker or front end */
	/* NSG and ROUTE: what the group or table is from then on, all earlier events included; the loader has applied
	 * them in order. */
	uint32_t nsg;               /* NSG */
	struct nsg_rules rules;     /* NSG */
	uint32_t route_table;       /* ROUTE */
	const struct route *routes; /* ROUTE, sorted by name */
	size_t n_routes;            /* ROUTE */
	bool changes;               /* NSG, ROUTE: false where all was so already */
	uint32_t firewall;          /* FIREWALL */
	struct firewall_rules firewall_rules;
	be32 address;                            /* VIP: the new one of `ase`; ADDRESS: of `nat` */
	uint32_t nat;                            /* NAT, ADDRESS: element */
	bool forgets_all;                        /* NAT; else what `inside` has */
	be32 inside;                             /* NAT */
	uint32_t vnet, peer;                     /* PEER: the side of `vnet` */
	struct peering_switches given, switches; /* PEER: which are set, and how */
	uint32_t subnet, way_out;                /* WAY_OUT: its NAT gateway from then on; NONE: none */
	const char *way_out_name;                /* NULL: none */
	const char *text;                        /* one line for people: "scale ase-one to 3 workers" */
	struct place place;
};

enum tap_at { TAP_REALMS, TAP_ALL, TAP_DROPS, TAP_POINT };
struct tap_config {
	const char *name;
	enum tap_at at;
	uint32_t point;  /* TAP_POINT: element */
	uint32_t *flows; /* NULL: all */
	size_t n_flows;
	const char *file;   /* default NAME.pcapng; a name ending in .pcap is classic */
	uint32_t snaplen;   /* default 262144 */
	const char *filter; /* NULL: all packets */
	bool notes, names;
	struct place place;
	struct place filter_place;
};

/* ---- expectations ---- */
enum outcome {
	OUTCOME_NONE,
	OUTCOME_DELIVERED,
	OUTCOME_REFUSED,
	OUTCOME_RESET,
	OUTCOME_TIMED_OUT,
	OUTCOME_BAD_GATEWAY,
	/* of crafted packets, and of a flow that sends such: all arrived; some did not */
	OUTCOME_FORWARDED,
	OUTCOME_DROPPED,
	OUTCOME_COUNT
};
#define OUTCOME_CALL_COUNT OUTCOME_FORWARDED    /* outcomes of calls are below */
const char *outcome_name(enum outcome outcome); /* "unfinished" for NONE */

struct flow_range { /* NAME, NAME[3], NAME[0..9] */
	uint32_t flow;
	uint32_t first, last; /* 0 and count - 1 for NAME */
};
enum expect_kind { EXPECT_FLOW, EXPECT_TAP, EXPECT_NAT, EXPECT_RESOLVE, EXPECT_HEALTH };
enum nat_metric { METRIC_PORTS_IN_USE, METRIC_MAPPINGS, METRIC_EXPIRED, METRIC_EXHAUSTED };

struct count_range { /* value N is {N, N} */
	bool given;
	uint64_t min, max;
};
struct outcome_count {
	enum outcome outcome;
	struct count_range count;
};
#define PASS_LAST UINT32_MAX

struct expect_config {
	enum expect_kind kind;
	const char *id;   /* NULL where none was given */
	const char *text; /* what it names, for people: "call-internet", "tap internet", "nat ase-one" */
	/* EXPECT_FLOW */
	struct flow_range *ranges;
	size_t n_ranges;
	uint32_t packet; /* of those that the flow crafts, from 1; 0: the item is about calls */
	bool has_outcome;
	enum outcome outcome;
	bool has_seen_at;
	uint32_t seen_at; /* element */
	uint32_t pass;    /* of the point, from 1; PASS_LAST: the last */
	bool has_src, has_dst;
	be32 src, dst;
	struct count_range src_port, dst_port;
	struct prefix *src_in, *src_not_in, *dst_in;
	size_t n_src_in, n_src_not_in, n_dst_in;  /* 0: not asked */
	uint32_t *hops, *crosses, *never_crosses; /* elements */
	size_t n_hops, n_crosses, n_never_crosses;
	bool has_reason;
	enum reason reason;
	const char *by, *rule; /* NULL: not asked */
	struct outcome_count *connections;
	size_t n_connections;
	/* EXPECT_TAP */
	uint32_t tap;       /* element */
	const char *filter; /* NULL: all */
	struct place filter_place;
	/* EXPECT_TAP, EXPECT_NAT */
	struct count_range count;
	/* EXPECT_NAT */
	uint32_t nat;         /* element that translates; NONE where it is unknown */
	const char *nat_name; /* as the file names it */
	enum nat_metric metric;
	bool has_worker;
	uint32_t worker;         /* number; */
	uint32_t worker_element; /* or a machine; NONE */
	bool has_at;
	int64_t at_ns;
	/* EXPECT_RESOLVE */
	const char *name;
	const char *from;              /* who asks; NULL: the Internet */
	uint32_t from_vnet, from_site; /* where that is; both NONE: outside */
	be32 to;
	/* EXPECT_HEALTH */
	uint32_t health_ase;
	bool healthy;
	uint32_t because; /* enum need */
	struct place place;
};

/* An object of the file that was made from another file, as an import's are: both lines are named. */
struct source_config {
	struct place at;  /* of a key or a value of the object */
	const char *text; /* "network.json:61" */
};

struct model;
/* Of what the thing at this place was made: "network.json:61"; NULL where the scenario does not say. */
const char *model_source(const struct model *model, struct place place);
/* Whether `a` stands before `b`: in the same file above it, or in an earlier one of the model's files. What stands in
 * no file does not stand before anything. */
bool model_stands_before(const struct model *model, struct place a, struct place b);
/* The first subnet of a VNet: they stand together, in the order of VNets; n_subnets or another's where it has none. */
uint32_t model_first_subnet(const struct model *model, uint32_t vnet);
/* Sides of peerings stand in the order of the other networks: where the one with this network is, or goes. */
size_t peering_before(const struct peering_config *sides, size_t n, uint32_t other);

/* The addresses of a platform service, in all regions, in `arena`; NULL where memory is short. */
struct prefix *model_service_prefixes(struct arena *arena, const struct model *model, enum service_kind service,
				      uint32_t *ret_n);

/* The app that calls in this flow, "ase-one/web" or a web app's name; NULL where none does. What is pushed late on a
 * connection is a call of the flow that opened it. */
const char *model_app_of_flow(const struct model *model, uint32_t flow);
/* An end of a flow as the file names it; NULL where memory is short. */
const char *endpoint_name(const struct model *model, struct arena *arena, const struct endpoint *end);
/* The network in which a caller stands; NONE where it stands in none. */
uint32_t endpoint_vnet(const struct model *model, const struct endpoint *end);

struct model {
	const char *file;         /* as named on the command line */
	const char *const *files; /* that one, then those that it includes */
	size_t n_files;
	const char *name;
	const char *about;
	uint64_t seed;
	int64_t start_unix_ns;
	bool has_stop;
	int64_t stop_ns;
	struct link_config links[LINK_CLASS_COUNT];
	struct nat_rules lent_nat; /* of the addresses that Azure lends: its profile, with ports for all */
	struct elements *elements; /* what stands in the network (elements.h) */
	struct region_config *regions;
	size_t n_regions;
	struct vnet_config *vnets;
	size_t n_vnets;
	struct tag_config *tags;
	size_t n_tags;
	struct asg_config *asgs;
	size_t n_asgs;
	struct nsg_config *nsgs;
	size_t n_nsgs;
	struct route_table_config *route_tables;
	size_t n_route_tables;
	struct site_config *sites;
	size_t n_sites;
#define KIND_ARRAY(KIND, kind, article, words, schema, help, stands)                                                   \
	struct kind##_config *kind##s;                                                                                 \
	size_t n_##kind##s;
	NETWORK_KINDS(KIND_ARRAY)
	struct balancer_config *balancers;
	size_t n_balancers;
	struct frontend_config
		*frontends; /* of all balancers, sorted by balancer, then name, as are pools and probes */
	size_t n_frontends;
	struct pool_config *pools;
	size_t n_pools;
	struct probe_config *probes;
	size_t n_probes;
	struct subnet_config *subnets; /* sorted by VNet, then name */
	size_t n_subnets;
	struct ase_config *ases;
	size_t n_ases;
	struct app_config *apps;
	size_t n_apps;
	struct host_config *hosts;
	size_t n_hosts;
	struct flow_config *flows;
	size_t n_flows;
	struct event_config *events; /* by time, then order in the file */
	size_t n_events;
	bool taps_none; /* `taps: none` */
	struct tap_config *taps;
	size_t n_taps;
	struct expect_config *expects; /* in the order of the file */
	size_t n_expects;
	struct source_config *sources; /* by place */
	size_t n_sources;
};
#endif
