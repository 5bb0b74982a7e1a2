/* The world: a model come to life. Nodes, links, NATs, end points and flows, driven by the event queue.
 *
 * A world reads no clock, opens no file, prints nothing. It reports what happens to its trail; observers are added before
 * world_run(). */
#ifndef PKTPATH_NETWORK_WORLD_H
#define PKTPATH_NETWORK_WORLD_H
#include "base/time.h"
#include "model/model.h"
#include "sim/trail.h"

struct world;

/* The model is borrowed and must outlive the world. 0, -ENOMEM, -EIO (libnet). */
int world_new(const struct model *model, uint64_t seed, struct world **ret);
struct world *world_free(struct world *world);
struct trail *world_trail(struct world *world);

/* Runs at most until `until`, and at most `max_events` events. 0: stopped at the bound; 1: nothing is left to happen,
 * or the scenario's `stop` was reached; negative: fatal (memory, or what an observer returned). */
int world_run(struct world *world, struct instant until, uint64_t max_events);
struct instant world_now(const struct world *world);

/* ---- points ---- */
uint32_t world_n_nodes(const struct world *world);
const char *world_node_name(const struct world *world, uint32_t node);  /* "ase-one/vip"; lives as long as the world */
bool world_node_is_end_point(const struct world *world, uint32_t node); /* host, worker, front end, resolver */
bool world_node_is_nat(const struct world *world,
		       uint32_t node); /* VIP, VNET/outbound, a site's NAT, an appliance with one */
/* Sentence for capture interfaces: "worker 0 of ase-one, 10.0.1.6 in contoso/ase-one". */
const char *world_node_description(const struct world *world, uint32_t node);
/* Addresses and the names that people know them by, for name resolution blocks; sorted by address. */
struct world_host_name {
	be32 addr;
	const char *name;
};
const struct world_host_name *world_host_names(const struct world *world, size_t *ret_n);

/* ---- results, valid at any time ---- */
struct world_loss { /* the first packet of a connection that was lost or refused */
	struct verdict verdict;
	struct instant at;
	uint32_t node;
	uint64_t packet_id;
	struct tuple tuple;
};
struct world_connection {
	bool started;
	enum outcome outcome;
	struct instant started_at, ended_at; /* ended: when the outcome was known */
	const struct world_loss *loss;       /* NULL where nothing was lost */
	uint32_t retransmissions;
	const char *from; /* node that called: "ase-one/worker-0"; NULL before it started */
	be32 from_addr;   /* its own address and port, of the call */
	uint16_t from_port;
	be32 to_addr; /* what the name was resolved to */
	uint16_t to_port;
};
uint32_t world_connection_number(const struct world *world, uint32_t flow, uint32_t index); /* over all flows */
void world_connection(const struct world *world, uint32_t flow, uint32_t index, struct world_connection *ret);

/* What became of a packet that a flow makes by hand, by its place in the list, from 0. */
struct world_crafted {
	bool sent;
	enum outcome outcome;         /* FORWARDED: a machine's stack took it; DROPPED; NONE: it is still on its way */
	const struct world_loss *end; /* where; NULL while on its way. reason NONE where it arrived */
};
void world_crafted(const struct world *world, uint32_t flow, uint32_t index, struct world_crafted *ret);

struct world_counts {
	uint64_t originated, delivered, dropped, in_flight; /* packets; sent = delivered + dropped + in flight */
	uint64_t translated, retransmissions;
	uint64_t events;
};
void world_flow_counts(const struct world *world, uint32_t flow, struct world_counts *ret);
void world_counts(const struct world *world, struct world_counts *ret);

/* Timeline events that changed nothing, by index in model.events; NULL-terminated text says why. */
bool world_event_was_inert(const struct world *world, size_t event, const char **ret_why);

/* ---- names ---- */
/* By which name the calls of a flow call, in Host and SNI; NULL where they call an address. */
const char *world_called_name(const struct world *world, uint32_t flow);
/* As a network or a site has it at this instant; both NONE: as seen from outside. */
bool world_resolve(const struct world *world, const char *dns_name, uint32_t vnet, uint32_t site, be32 *ret);
be32 world_answer(const struct world *world, const struct endpoint *to, uint32_t vnet, uint32_t site);

/* ---- NATs ---- */
struct world_nat_metrics {
	uint64_t ports_in_use, ports_in_use_peak; /* (address, port, protocol) triples with at least one mapping */
	uint64_t mappings, mappings_total;        /* live now; ever made */
	uint64_t expired;                         /* ended because they were idle too long */
	uint64_t exhausted;                       /* connections that found no free port (once each) */
};
/* Of the NAT at a node: a VIP, a site's NAT, an appliance. Worker NONE: of all; others than a VIP have none, but where
 * machines have blocks of ports, a number below world_nat_n_sources() for each machine that has one. */
void world_nat_metrics(const struct world *world, uint32_t node, uint32_t worker, struct world_nat_metrics *ret);
uint32_t world_nat_n_sources(const struct world *world, uint32_t node);
/* The number of a machine there; NONE where it has none. */
uint32_t world_nat_number(const struct world *world, uint32_t node, uint32_t machine_node);
be32 world_nat_source(const struct world *world, uint32_t node, uint32_t number);

/* ---- a device in place of a NAT ---- */
struct packet;
struct world_passage {
	bool outbound;
	uint32_t node; /* of the NAT */
	struct instant at;
	uint32_t flow, index_in_flow;
	const struct packet *arrived;   /* as it is before the NAT */
	const struct packet *predicted; /* as the model's NAT would let it go on; NULL: it would drop it, */
	enum reason reason;             /* for this */
};
struct world_device {
	/* 1: what came out is in `ret`, a frame; 0: nothing came out; negative: fatal. */
	int (*pass)(void *context, const struct world_passage *passage, uint8_t *ret, size_t size_bytes,
		    size_t *ret_bytes);
	void *context;
};
/* Before the run. What the NAT at this node would translate goes through the device, all but fragments. 0, -ENOMEM,
 * -EINVAL (no NAT is there). */
int world_use_device(struct world *world, uint32_t node, const struct world_device *device);

/* Where things stand now. */
/* The effective routes of a subnet, the user's, the gateways' and the system's; valid until a table changes. */
/* What the tags of rules mean in this subnet. */
const struct nsg_tags *world_tags(const struct world *world, uint32_t subnet);
const struct route *world_routes(const struct world *world, uint32_t subnet, size_t *ret_n);
/* Of the routes of a machine: the one that lost to the winner for an address though it is as specific, or more; its
 * rule is NULL where there is none. */
struct verdict world_route_beaten(const struct world *world, uint32_t node, be32 dst);
/* By which way the calls of a machine leave its subnet for the Internet, and the next one that it has besides; NULL
 * where there is none. */
const char *world_way_out(const struct world *world, uint32_t node, const char **ret_beaten);
/* ---- the fate of a packet that is not sent ---- */
struct world_fate {
	struct verdict verdict; /* REASON_NONE: the stack of `node` takes it */
	uint32_t node;          /* where it ends */
	struct tuple tuple;     /* as it is there */
	uint32_t seen_by;       /* the node that rewrote it last; NONE: none did */
	uint32_t step_flags;    /* enum step_flag, of the step that would record its loss */
};
/* A SYN, datagram or echo of the machine at `node`, sent at this instant. `skips_groups`: as if every security group
 * allowed it. A loss by chance does not happen. Changes nothing. */
void world_fate(const struct world *world, uint32_t node, const struct tuple *tuple, bool skips_groups,
		struct world_fate *ret);
/* The address from which the Internet sees the calls of a machine, groups aside; ADDR_NONE where they do not get there.
 * *ret_by: the node that gives it, NONE where it is the machine's own. */
be32 world_seen_from_outside(const struct world *world, uint32_t node, uint32_t *ret_by);

uint32_t world_workers(const struct world *world, uint32_t ase);               /* their present number */
bool world_app_runs(const struct world *world, uint32_t app, uint32_t worker); /* on this one? */
/* Of the NAT at a node: its first outside address (of an environment the VIP); that from which a machine's calls leave,
 * which is another where it has several. worker: number of an instance, 0 for others. */
be32 world_nat_address(const struct world *world, uint32_t node);
be32 world_nat_outside(const struct world *world, uint32_t node, uint32_t worker, be32 inside);
/* The ports of an instance at its VIP: true with the first and the number where it has a block of its own. */
bool world_nat_block(const struct world *world, uint32_t node, uint32_t worker, uint16_t *ret_first, uint32_t *ret_n);
/* How many of these ports the NAT ever gives: those on which a VIP listens are not among them. */
uint32_t world_nat_usable(const struct world *world, uint32_t node, uint16_t first, uint16_t last);

struct world_mapping {       /* one line of nat.csv */
	const char *nat;     /* "ase-one/vip" */
	const char *rule;    /* "snat" */
	struct tuple inside; /* as the inside host sends it: its address and the destination */
	be32 outside_addr;
	uint16_t outside_port;
	struct instant created, last_used, ended; /* ended NEVER: still live */
	const char *why; /* "idle", "closed", "reset", "reclaimed", "instance-gone"; NULL while live */
	uint64_t packets, bytes;
	struct instant ends;          /* while live: when it ends if nothing more passes */
	const char *state;            /* nat_mapping_state() */
	uint32_t node;                /* of the NAT */
	uint32_t worker;              /* whose it is; NONE where it is no worker's */
	struct place place;           /* of the NAT's keys */
	uint32_t flow, index_in_flow; /* of the packet that made it; NONE of a balanced flow */
	const char *timer;            /* the key of the timer under which it stands: "tcp_idle"; NULL: it has none */
	int64_t timer_ns;
};
/* Called for every mapping when it ends, and by world_nat_flush() of those that live at the end; before the run. Negative
 * returns are fatal. */
void world_observe_nat(struct world *world, int (*mapping)(void *context, const struct world_mapping *mapping),
		       void *context);
int world_nat_flush(struct world *world);
/* The inbound flows that load balancers have now, as mappings: inside the backend's address, outside the frontend's. */
int world_each_balanced(const struct world *world, int (*each)(void *context, const struct world_mapping *flow),
			void *context);

/* The ports that rest, as mappings of the state "resting": used last when the rest began; of UDP it is not known any more
 * when they were made (NEVER). */
int world_each_resting(const struct world *world, int (*each)(void *context, const struct world_mapping *mapping),
		       void *context);

/* The data connections that NATs with `alg` let in once, as mappings of the state "expected" without an end: inside is
 * the end that awaits it, and the other end's address. */
int world_each_expected(const struct world *world, int (*each)(void *context, const struct world_mapping *mapping),
			void *context);

/* The live mappings of one NAT, in the order in which they were made. */
int world_each_mapping(const struct world *world, uint32_t node,
		       void (*each)(void *context, const struct world_mapping *mapping), void *context);
/* The live mapping by which a packet with this tuple would come in at a NAT; false where there is none. */
bool world_mapping_of_arriving(const struct world *world, uint32_t node, const struct tuple *arriving,
			       struct world_mapping *ret);
/* The flow of a VIP's balancer that a packet belongs to, whether it comes in or goes out, however long it has been
 * silent; false where it is not known. */
bool world_silent_flow(const struct world *world, uint32_t node, const struct tuple *tuple,
		       struct instant *ret_last_used);

/* ---- the ways of a call ---- */
struct world_hop {
	uint32_t node;
	struct verdict route; /* that was chosen there; its rule is NULL where none was */
};
#define WORLD_WAY_MAX 32u
struct world_way {
	struct world_hop hops[WORLD_WAY_MAX]; /* elements, fabrics left out; the first is the sender */
	size_t n;
	struct world_fate fate;
};
/* The way that the opening packet of a connection takes now, and that of its answer, groups aside; *ret_back is empty
 * where the opening packet does not arrive. False where the connection was not started. */
bool world_ways(const struct world *world, uint32_t flow, uint32_t index, struct world_way *ret_there,
		struct world_way *ret_back);

/* ---- behind a loss: what its causes name ---- */
struct world_backend { /* a machine behind a balancing rule of a frontend */
	uint32_t node;
	bool is_in;              /* for new connections, as probes have it */
	struct instant since;    /* when that turned; NEVER: it has been so from the beginning */
	struct world_fate probe; /* what a probe meets now; nothing where the rule has no probe */
};
/* By the name of the rule and the machine's place in its pool; false where there is none. */
bool world_backend(const struct world *world, uint32_t node, const char *rule, uint32_t index,
		   struct world_backend *ret);
struct world_session {            /* of a firewall, or of an appliance that is stateful */
	struct instant last, due; /* its last packet; when it ended, or would end */
	int64_t idle_ns;
	bool closed; /* both sides closed it, or it was reset */
};
/* The latest that a packet with this tuple belonged to, live or not; false where none is known. */
bool world_past_session(const struct world *world, uint32_t node, const struct tuple *tuple, struct world_session *ret);

struct world_reset { /* a connection that an element on its way ended, as it was silent, with a reset to both ends */
	uint32_t node, flow, index_in_flow;
	int64_t idle_ns;  /* of a firewall; 0: that of the mapping or the rule */
	const char *rule; /* of a load balancer: the rule whose `reset` it was; else NULL */
};
/* Called when the resets leave; of a NAT's mapping after its end was reported. Before the run. Negative returns are
 * fatal. */
void world_observe_resets(struct world *world, int (*reset)(void *context, const struct world_reset *reset),
			  void *context);

/* ---- health (L5) ---- */
struct world_need_loss { /* of the call of a need, which is asked about and not sent */
	struct verdict verdict;
	struct instant at;
	uint32_t node;
	struct tuple tuple;  /* as it is there */
	uint32_t step_flags; /* enum step_flag, of the step that would record the loss */
	enum need need;
	uint32_t ase;
	struct tuple call; /* as it is sent; all zero where no machine is there to make it or to take it */
	bool lacks_worker; /* then: no worker runs; else no front end does */
	uint32_t from;     /* node that calls; NONE: Azure */
	uint32_t host;     /* index of the service that is called, or whose management calls; NONE */
	bool is_answer;    /* the call arrives, and its answer is lost */
};
/* The needs (enum need) of an environment that cannot be reached now; *ret_losses[n] why, in the order storage, sql,
 * management, probe. */
uint32_t world_health(const struct world *world, uint32_t ase, struct world_need_loss ret_losses[N_NEEDS]);
/* The packet that is lost, and the step that would record its loss; of no flow (NONE). */
void world_need_step(const struct world *world, const struct world_need_loss *loss, struct packet *ret_packet,
		     struct step *ret);
/* The ways of the call of a need and of its answer, as world_ways() has them of a connection; false where no machine
 * makes it. */
bool world_need_ways(const struct world *world, const struct world_need_loss *loss, struct world_way *ret_there,
		     struct world_way *ret_back);
struct world_health_change {
	struct instant at;
	uint32_t ase;
	uint32_t failing; /* enum need; 0: all is well */
	struct world_need_loss losses[N_NEEDS];
};
/* What each environment found: at the start, and whenever the timeline changed it; by time, then environment. */
const struct world_health_change *world_health_changes(const struct world *world, size_t *ret_n);
/* Called for each from now on, when it is found. Negative returns are fatal. */
void world_observe_health(struct world *world, int (*changed)(void *context, const struct world_health_change *change),
			  void *context);

/* ---- what nothing used (lints) ---- */
/* Reports each rule that matched no packet, each route of a user that none took, and each host that none came
 * from, went to or passed: "rule `web` of nsg/front", with its place. In the order of the file. */
int world_each_unused(const struct world *world, int (*each)(void *context, const char *what, struct place place),
		      void *context);
#endif
