/* Inside the room: a cause in the making. */
#ifndef PKTPATH_CAUSE_MAKER_H
#define PKTPATH_CAUSE_MAKER_H
#include "base/buf.h"
#include "base/text.h"
#include "cause/cause.h"
#include "model/decided_by.h"
#include "model/elements.h"
#include "model/events.h"

struct past_mapping { /* a mapping that ended */
	struct tuple inside;
	be32 outside_addr;
	uint16_t outside_port;
	uint32_t node, flow, index_in_flow;
	struct instant created, last_used, ended;
	const char *why, *timer;
	int64_t timer_ns;
};

struct maker {
	struct causes *causes;
	struct arena *arena;
	const struct model *model;
	const struct world *world;
	const struct step *step;
	const struct world_need_loss *need; /* an environment's health lost it, no flow; NULL: a flow's packet */
	bool again;                         /* the connection retransmits what it lost in the same way before */
	const struct element *at;           /* where it was lost */
	struct buf what, helps;
	struct cause *cause;
};

/* The flow whose packet it is; NULL where health asks, and no flow. */
const struct flow_config *maker_flow(const struct maker *maker);
/* The ways of the call and of its answer, as world_ways() has them. */
bool maker_ways(const struct maker *maker, struct world_way *ret_there, struct world_way *ret_back);
/* A path of settings, as --set takes it. */
void maker_setting(struct maker *maker, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "10.0.1.6:49152", appended; of ICMP the address alone. */
void put_end_point(struct buf *out, be32 addr, be16 port, uint8_t proto);
void put_place(struct buf *out, struct place place); /* " (file.yaml:12)"; nothing where there is none */
void put_time(struct buf *out, struct instant at);   /* "240.1 s" */
void put_duration(struct buf *out, int64_t ns);      /* "4 min" */
/* The prefix of the keys of the NAT at an element: "network.ases.ase-one.snat"; NULL where it has none. */
const char *nat_path(struct maker *maker, const struct element *element);
/* The path of a key of that NAT; NULL where the file cannot give it. */
const char *nat_setting(struct maker *maker, const struct element *element, const char *key);

/* The element with this address of its own, or the public one of a machine; NONE. */
uint32_t element_of_address(const struct model *model, be32 addr);

/* past.c: what ended, the latest first. NULL where nothing is known that fits. */
struct past;
struct past *past_new(void);
struct past *past_free(struct past *past);
int past_add(struct past *past, const struct world_mapping *mapping);
const struct past_mapping *past_find(const struct past *past, const struct tuple *tuple, uint32_t node,
				     bool by_endpoint);
const struct past *causes_past(const struct causes *causes);

/* The latest with this inside; NULL. */
const struct past_mapping *past_of_inside(const struct past *past, const struct tuple *inside);
/* The first that had the port of a mapping after its end; NULL. */
const struct past_mapping *past_of_port(const struct past *past, const struct past_mapping *before);
/* The latest of a connection at an element, or at any (NONE); NULL. */
const struct past_mapping *past_of_connection(const struct past *past, uint32_t node, uint32_t flow, uint32_t index);
/* nats.c: "4 min without a packet (`tcp_idle`, profile home)"; and what keeps such a mapping */
void put_idle_timer(struct maker *maker, const struct past_mapping *past);
void put_past_mapping(struct maker *maker, const struct past_mapping *past); /* "The mapping ... ended at 20 s: ..." */
void help_past_mapping(struct maker *maker, const struct past_mapping *past);
/* The flow that has the keys of a connection: late data have those of the flow that opened it. */
const struct flow_config *maker_opener(const struct maker *maker, uint32_t flow);
/* ", as TCP keepalives do (`flows.call.keepalive`)" */
void put_busy_key(struct maker *maker, const char *flow, uint8_t proto);
/* ends.c: a call that failed and lost no packet. An element reset both ends; or what is found of it at the end of a run
 * (false: nothing is) */
void tell_reset(struct maker *maker, const struct world_reset *reset);
bool tell_end(struct maker *maker, const struct world_connection *connection);

/* Each says what it knows; false where it knows nothing. */
bool cause_of_past_mapping(struct maker *maker); /* nats.c */
bool cause_of_silent_flow(struct maker *maker);  /* nats.c */
bool cause_of_exhaustion(struct maker *maker);   /* holders.c */
bool cause_of_past_session(struct maker *maker); /* firewall.c */
bool cause_of_two_ways(struct maker *maker);     /* ways.c */
bool cause_of_ftp_data(struct maker *maker);     /* ftp.c */
bool cause_of_black_hole(struct maker *maker);   /* losses.c */
void cause_of_loss(struct maker *maker);         /* reasons.c: any reason */
void help_by_endpoint(struct maker *maker);      /* a service is called by its public address, and has another */
/* health.c */
void tell_none_runs(struct maker *maker);                  /* no worker, or no front end, of an environment */
const char *cause_help_of_need(const struct maker *maker); /* in general; NULL: as for a flow */
/* "For sql, one/worker-0 calls db (10.0.2.4:1433). " */
void put_call_of_need(const struct model *model, const struct world_need_loss *need, struct buf *out);
void put_names_of_needs(uint32_t needs, struct buf *out); /* "For sql, storage: " */
/* changes.c: the event of the timeline that denies what rules allowed before. */
struct changed_rules {
	bool (*is_of)(const struct event_config *event, uint32_t index);
	/* The rule that allowed the packet as an event had made them, or (NULL) the file; NULL: none did. */
	const char *(*allowed_by)(const struct maker *maker, const struct changed_rules *rules,
				  const struct event_config *before);
	uint32_t index;               /* of what has the rules */
	enum nsg_direction direction; /* of a group */
	const char *called;           /* the name that the call gives; NULL */
};
void tell_change(struct maker *maker, const struct changed_rules *rules);
void tell_group_changed(struct maker *maker, uint32_t nsg, enum nsg_direction direction);
/* near_groups.c: the rules that nearly allow what was denied. `denier`: the rule that denies; NULL where none of the file does */
void tell_near_group(struct maker *maker, uint32_t nsg, enum nsg_direction direction, const struct nsg_rule *denier);
/* losses.c */
void tell_group(struct maker *maker);
void tell_listener(struct maker *maker);
void tell_closed_port(struct maker *maker);
void tell_forwarding(struct maker *maker);
void tell_own_subnet(struct maker *maker);
void tell_too_large(struct maker *maker);
void tell_damaged(struct maker *maker);
void tell_order(struct maker *maker);
/* routes.c */
void tell_route(struct maker *maker);
void tell_peering(struct maker *maker);
void tell_address(struct maker *maker);
void tell_circle(struct maker *maker);
/* translation.c */
bool cause_is_late_segment(const struct step *step); /* of TCP, and it is no SYN that opens a connection */
void tell_filter(struct maker *maker);
void tell_no_mapping(struct maker *maker);
void tell_untranslated(struct maker *maker, const char *key, const char *thing);
/* since.c. The event that made it so, as event_behind() has it; "since 1 s, by the event `stop b` (a.yaml:4)" */
const struct event_config *maker_event(const struct maker *maker);
void put_event(struct maker *maker, const struct event_config *event);
void tell_stopped(struct maker *maker);
void tell_link(struct maker *maker);
/* firewall.c */
void tell_firewall(struct maker *maker);
void tell_no_state(struct maker *maker);
/* balancers.c. Of a frontend the load balancer, and the balancing rule that the verdict names; NULL. */
const struct balancer_config *cause_balancer(const struct maker *maker);
const struct balancing_config *cause_balancing(const struct maker *maker);
/* The idle time of a rule, balancing or inbound NAT, and in which list of the balancer it stands; 0: no rule is. */
int64_t cause_idle_of_rule(const struct balancer_config *balancer, const char *rule, const char **ret_list);
void tell_unhealthy(struct maker *maker);
void tell_own_call(struct maker *maker);
void tell_no_rule(struct maker *maker);
void tell_no_way_out(struct maker *maker); /* outbound.c */
#endif
