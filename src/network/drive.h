/* The driver: one loop carries every packet, and answers every question about a packet that is not sent.
 *
 * DOC: a packet is always in one *passage* of one element (a machine's NIC outward, a NAT inward, ...). A passage is a
 * table of stages. The loop asks a stage to decide, which changes nothing; it then lets the stage commit what the
 * decision costs (a mapping, a flow record, a counter), applies the change of the headers, records the step, and goes
 * where the decision says. Stages return what comes next and never call it.
 *
 * drive() does all of that. fate_of() runs the same stages and commits nothing: health, `addresses` and the property
 * tests ask it, so that there is one answer. */
#ifndef PKTPATH_NETWORK_DRIVE_H
#define PKTPATH_NETWORK_DRIVE_H
#include "network/world_internal.h"
#include <string.h>

#define SMTP_PORT 25u

enum passage {
	PASSAGE_NIC_OUT,      /* machine: what its stack sends, or what it forwards */
	PASSAGE_WAY_OUT,      /* machine: from a subnet to the Internet */
	PASSAGE_PUBLIC_IP_IN, /* machine: from outside, perhaps to its own public address */
	PASSAGE_NIC_IN,       /* machine */
	PASSAGE_STACK,        /* machine: a packet for its stack */
	PASSAGE_FORWARD,      /* appliance: a packet for another machine */
	PASSAGE_OWN_NAT_OUT,  /* appliance with NAT: what its own stack sends */
	PASSAGE_APPLIANCE_IN, /* appliance with NAT: a packet to its own address */
	PASSAGE_VIP_OUT,      /* environment's VIP */
	PASSAGE_VIP_IN,       /* environment's VIP, lent address: from outside */
	PASSAGE_NAT_OUT,      /* lent address */
	PASSAGE_NAT_IN,       /* NAT whose packet is at its outside already */
	PASSAGE_NAT_INSIDE,   /* NAT: a packet that it made or translated, on to the inside */
	PASSAGE_SITE_OUT,     /* machine of a site sends */
	PASSAGE_SITE_NAT,     /* site's NAT: from which side? */
	PASSAGE_SITE_NAT_OUT,
	PASSAGE_SITE_NAT_IN,
	PASSAGE_GATEWAY_TO_SITE, /* gateway */
	PASSAGE_GATEWAY_TO_VNET,
	PASSAGE_GATEWAY_ERROR_TO_SITE, /* gateway: an ICMP error of its own */
	PASSAGE_GATEWAY_ERROR_TO_VNET,
	PASSAGE_FRONTEND_OUT,   /* frontend of a balancer: an answer, from the machine `from` */
	PASSAGE_FRONTEND_ROUTE, /* the same, translated */
	PASSAGE_BALANCE_RESET_IN,
	PASSAGE_FIREWALL_IN,  /* firewall */
	PASSAGE_FIREWALL_OUT, /* firewall: what it made or held, on its way */
	PASSAGE_ENDPOINT_IN,  /* private endpoint: a call, or an answer of its service */
	PASSAGE_ENDPOINT_OUT,
	PASSAGE_ENDPOINT_BACK,
	PASSAGE_APP_OUT, /* instance of a web app sends */
	PASSAGE_PUBLIC,  /* from the public side of an element, over the fabrics */
	PASSAGE_COUNT
};

struct leg {
	enum passage passage;
	uint32_t at;   /* node of the element */
	uint32_t from; /* node that the packet comes from, where the passage asks; NONE */
};

enum verb {
	VERB_PASS,   /* on to the next stage; there is nothing to commit */
	VERB_PASSED, /* on to the next stage, after the commit */
	VERB_GO,     /* on to `next`, at once */
	VERB_GO_ALL, /* the same for the list `all`, in which the packet is (set by a commit) */
	VERB_CARRY,  /* over the links of `carriage` */
	VERB_STACK,  /* the stack of the machine takes it */
	VERB_DROP,   /* for verdict.reason */
	VERB_TAKEN,  /* the commit holds it */
};

/* What a decision changes in the headers. */
enum change_kind {
	CHANGE_NONE,
	CHANGE_SRC,
	CHANGE_DST,
	CHANGE_SRC_OF_ERROR, /* of an ICMP error that leaves, and the destination of the packet inside */
	CHANGE_BOTH,         /* source and destination */
	CHANGE_DST_OF_ERROR, /* of one that comes in, and the source of the packet inside */
};
struct change {
	enum change_kind kind;
	be32 addr;
	be16 port;
	be16 dst_port; /* BOTH, as is dst */
	be32 dst;
	uint32_t step_flags; /* of the step that records it */
	const char *rule;    /* by which it is made */
	const char *detail;  /* what it changes besides addresses and ports; NULL: nothing */
	struct place place;
};

enum carriage_kind { CARRIAGE_PRIVATE, CARRIAGE_GATEWAY, CARRIAGE_FABRICS };
struct carriage {
	enum carriage_kind kind;
	enum link_class class; /* PRIVATE */
	uint32_t from, to;     /* nodes; to NONE: no element has the address */
	uint32_t gateway;      /* GATEWAY: node */
	uint32_t tunnel;       /* GATEWAY: which of the two links is the class's */
	uint8_t internet_hops; /* FABRICS: routers of the Internet on the way; each lowers TTL */
	uint32_t cut_bytes;    /* a larger packet that may be cut is cut first; 0: none is */
};

struct decision {
	enum verb verb;
	uint8_t hops;             /* by which TTL falls */
	bool settled;             /* it follows from the addresses and the network: see shortcut.c */
	struct leg next;          /* GO, GO_ALL */
	struct packet *all;       /* GO_ALL */
	struct carriage carriage; /* CARRY */
	struct change change;     /* PASSED, GO */
	struct verdict verdict;   /* DROP */
	uint32_t step_flags;      /* DROP */
	uint32_t drop_at;         /* DROP: node; NONE: the element itself */
	struct {                  /* DROP: the ICMP error that its sender gets; type 0: none */
		uint8_t type, code;
		uint16_t mtu;
		be32 src;
		struct leg leg; /* of the error */
	} error;
	/* What the commits of single stages need. */
	const struct route *route;
	struct {
		bool by_record;
		uint32_t record; /* handle; RECORD_NONE: a record of the trial, or one that an ICMP error is about */
		const struct nsg_rule *rule[2]; /* in the order in which the groups were asked; NULL: not asked */
	} groups;
	struct {
		struct nat_packet packet;
		struct nat_answer answer;
		struct nat_segment segment; /* of the packet, where the NAT follows TCP */
		bool for_itself;            /* DROP: the NAT itself answers */
		enum translate_reading reading;
		enum fragment_way fragment;
		struct packet whole; /* FRAGMENT_COMPLETES: the datagram that the question is about */
	} nat;
};

/* What a fate carries with it instead of committing: mappings and records that the packets asked about would have
 * made, so that an answer can be asked about, too. */
#define TRIAL_MAX 16
struct trial {
	struct {
		uint32_t node; /* of the NAT */
		struct tuple inside, outside;
	} mappings[TRIAL_MAX];
	struct {
		uint32_t machine;
		struct tuple local;
	} records[TRIAL_MAX];
	struct tuple public_flows[TRIAL_MAX]; /* answers to what came to public addresses */
	struct {
		uint32_t node;
		struct tuple answer;
	} private_calls[TRIAL_MAX]; /* see private_calls.c */
	uint32_t n_mappings, n_records, n_public, n_private;
};

struct ask {
	const struct world *world;
	const struct packet *packet;
	struct leg leg;
	const struct trial *trial; /* NULL for a real packet */
};

struct stage {
	const char *title; /* for people: "security groups" */
	void (*decide)(const struct ask *ask, struct decision *ret);
	/* NULL: nothing to commit. Not called after VERB_PASS. May turn the decision into DROP, TAKEN or GO_ALL. */
	void (*commit)(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision);
	/* What the commit would leave, into the trial of a packet that is not sent; NULL: nothing that a later decision
	 * could meet. */
	void (*suppose)(const struct ask *ask, const struct decision *decision, struct trial *trial);
};

/* The stages of each passage, ended by one without `decide`; each in the file of its element. */
extern const struct stage machine_nic_out[], machine_way_out[], machine_public_ip_in[], machine_nic_in[];
extern const struct stage machine_stack[], appliance_own_out[], appliance_forward[], appliance_in[];
extern const struct stage vip_out[], vip_in[], frontend_out[], frontend_route[], balance_reset_in[];
extern const struct stage nat_out[], nat_in[], nat_inside[];
extern const struct stage site_out[], site_nat[], site_nat_out[], site_nat_in[];
extern const struct stage gateway_to_site[], gateway_to_vnet[], gateway_error_to_site[], gateway_error_to_vnet[];
extern const struct stage firewall_in[], firewall_out[];
extern const struct stage endpoint_in[], endpoint_out[], endpoint_back[];
extern const struct stage app_instance_out[];
extern const struct stage fabric_public[];

/* The machine's NIC takes the packet, whomever it is for. */
static inline void machine_takes(struct machine *machine, struct packet *packet)
{
	machine->used = true;
	memcpy(packet_ethernet(packet)->src.octet, path_gateway_mac, 6);
	packet_ethernet(packet)->dst = machine->mac;
}
void machine_groups_out(const struct ask *ask, struct decision *ret);
/* By the routes of the machine, or of that from which a frontend has the packet. */
void machine_route(const struct ask *ask, struct decision *ret);
void machine_route_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision);
void machine_groups_in(const struct ask *ask, struct decision *ret);
/* Of fragments: a virtual network carries those of a datagram in their order alone. */
void machine_in_order(const struct ask *ask, struct decision *ret);
void machine_in_order_commit(struct world *world, const struct leg *leg, struct packet *packet,
			     struct decision *decision);

/* One of the ways out of a subnet (machine.c has them all, in order). */
struct way_out {
	const char *name, *who; /* who has it: for people, as in docs/model.md */
	bool (*has)(const struct world *world, const struct machine *machine);
	/* false: it takes no packet of this protocol */
	bool (*decide)(const struct ask *ask, const struct machine *machine, struct decision *ret);
};
extern const struct way_out way_out_nat_gateway, way_out_app_outbound;
/* An instance-level public address is one to one and carries everything. */
bool machine_out_by_public_ip(const struct ask *ask, const struct machine *machine, struct decision *ret);
/* Has the packet's connection a mapping at the balancer's frontend by which the machine would leave? */
bool machine_has_mapping_at_balancer(const struct ask *ask, const struct machine *machine);
/* Once the NATs are there, and when an event gives a subnet another way out. */
void machine_choose_way_out(const struct world *world, struct machine *machine);
const char *machine_way_out_name(const struct machine *machine); /* NULL: it has none */
/* All of them in order, the first that a machine has is its way; NULL behind the last. */
const struct way_out *const *machine_ways_out(void);

const char *passage_name(enum passage passage); /* "NIC out" */
const struct stage *passage_stages(enum passage passage);
struct outgoing {
	uint32_t machine; /* that sends it; NONE: it begins with `leg` */
	struct leg leg;
	struct packet *packet;
};
/* A packet that an element has made, and that is counted and recorded: it leaves once the event is through. */
void path_send_from(struct world *world, struct leg leg, struct packet *packet);

/* How a packet enters the element at which it arrives over a link. */
struct leg drive_arrival(const struct world *world, uint32_t node);
/* Where a packet begins that the stack of a machine sends. */
struct leg drive_start(const struct world *world, const struct machine *machine, const struct packet *packet);
/* Carries the packet, as far as it gets at this instant; takes it. */
void drive(struct world *world, struct leg leg, struct packet *packet);
void drive_arrived(struct world *world, uint32_t node, struct packet *packet); /* over a link */
void drive_outgoing(struct world *world); /* what machines have sent in this event, and what that makes them send */
void drive_apply(const struct decision *decision, struct packet *packet);

/* ---- what is known of the usual packet, without asking each stage of its passage ---- */
enum known {
	KNOWN_NOT, /* the stages are to be asked */
	KNOWN_ON,  /* the packet has passed, and goes on at *leg */
	KNOWN_END, /* it was taken */
};
/* ---- shortcut.c ---- */
int shortcuts_build(struct world *world);
enum known shortcut_take(struct world *world, struct leg *leg, struct packet *packet);
/* ---- machine.c, fabric.c ---- */
enum known machine_known_in(struct world *world, struct leg *leg, struct packet *packet);
enum known fabric_known(struct world *world, struct leg *leg, struct packet *packet);
/* ---- translate_known.c ---- */
enum known translate_known_out(struct world *world, struct leg *leg, struct packet *packet);
enum known translate_known_in(struct world *world, struct leg *leg, struct packet *packet);
/* ---- balance.c ---- */
enum known vip_known_in(struct world *world, struct leg *leg, struct packet *packet);
/* ---- security.c ---- */
/* Of a machine with a group. */
void security_decide(const struct ask *ask, const struct machine *machine, enum nsg_direction direction,
		     struct decision *ret);
void security_commit(struct world *world, const struct machine *machine, enum nsg_direction direction,
		     struct packet *packet, struct decision *decision);
/* The rules that decided are in use; the group lists of `decision` are those of security_decide(). */
void security_count_use(const struct world *world, const struct machine *machine, enum nsg_direction direction,
			const struct decision *decision);
/* Whether no group allows what came by a standard public address; the drop then. */
bool security_is_closed(const struct ask *ask, const struct machine *machine);
void security_drop_closed(const struct ask *ask, const struct machine *machine, struct decision *ret);
void security_suppose(const struct ask *ask, const struct machine *machine, enum nsg_direction direction,
		      struct trial *trial);
/* ---- balance.c ---- */
/* Does what a machine of a pool sends belong to a flow of a frontend? It goes there then. */
bool balance_takes_answer(const struct ask *ask, const struct machine *machine, struct decision *ret);
/* Does what a front end of v3 sends answer a call that came by its VIP? It leaves there then, whatever the routes. */
bool balance_answers_by_vip(const struct ask *ask, const struct machine *machine, struct decision *ret);
/* Does a balancing rule with floating IP give the machine this address, too? */
bool balance_is_loopback(const struct world *world, const struct machine *machine, be32 addr);
/* ---- stateful.c: of an appliance that is `stateful` ---- */
void stateful_decide(const struct ask *ask, struct decision *ret);
void stateful_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision);
void stateful_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial);
/* ---- translate.c: source NAT of what leaves the inside, destination NAT of what comes from the outside ---- */
void translate_out_decide(const struct ask *ask, struct decision *ret);
void translate_out_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision);
void translate_out_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial);
void translate_own_decide(const struct ask *ask, struct decision *ret);
void translate_own_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision);
void translate_in_decide(const struct ask *ask, struct decision *ret);
void translate_in_commit(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision);
/* A packet that came in is dropped, or the machine's own: so are the other fragments of the datagram that it
 * completes. */
void translate_others(struct world *world, const struct leg *leg, struct packet *packet, struct decision *decision);
/* ---- translate_suppose.c ---- */
void translate_in_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial);
bool translate_is_supposed(const struct ask *ask, const struct tuple *arriving, struct nat_answer *ret);
bool translate_supposed_answer(const struct ask *ask, struct decision *ret);
/* ---- translate_fixed.c ---- */
/* True where the packet is one to one, or keeps its source: then that is the decision. */
bool translate_fixed_out(const struct ask *ask, struct decision *ret);
bool translate_fixed_in(const struct ask *ask, struct decision *ret);
/* As the answer says, by the rule that it follows. */
void translate_by_fixed(const struct world *world, const struct translator *translator, bool outbound,
			struct decision *ret);
/* Which limit refuses it, in words; NULL: none does. */
const char *translate_limit(enum nat_limit limit);
/* ---- translate_alg.c: of a NAT with `alg: [ftp]` ---- */
/* A packet that leaves, or comes in, by a mapping; before its headers change. */
void ftp_gateway_out(struct world *world, struct translator *translator, struct packet *packet,
		     struct decision *decision);
void ftp_gateway_in(const struct translator *translator, struct packet *packet, const struct decision *decision);
/* What the table is asked about, with the numbers that the inside end knows. */
void ftp_gateway_segment(const struct translator *translator, const struct tuple *arriving,
			 struct nat_segment *segment);
/* The data connection that it let in has come. */
void ftp_gateway_used(struct translator *translator, const struct nat_packet *opening, const struct nat_answer *answer);
void ftp_gateway_mapping_ended(struct translator *translator, const struct nat_mapping *mapping);
void ftp_gateway_free(struct translator *translator);
/* ---- translate.c ---- */
/* What a NAT's table is asked about, but for the segment of a connection that it follows; `hint`: its mapping, perhaps. */
void translate_packet(const struct packet *packet, uint32_t owner, bool outbound, uint32_t hint,
		      struct nat_packet *ret);
/* Whose ports a packet gets that leaves there. */
uint32_t translate_owner_at(const struct world *world, const struct leg *leg);
/* ---- translate_answer.c ---- */
/* What the header of a TCP segment says. */
void translate_segment(const struct packet *packet, struct nat_segment *ret);
/* The answer of a host at which nothing listens to a packet for the NAT itself, sent by this leg. */
void translate_answer(struct world *world, struct leg leg, struct packet *packet);
/* A reset for the sender of a segment of no mapping, where the NAT sends one. */
void translate_reset(struct world *world, struct leg leg, bool from_inside, struct packet *packet);
/* ---- translator.c ---- */
/* On with this tuple, whatever the NAT's table says. */
void translate_go(const struct world *world, const struct translator *translator, bool outbound,
		  const struct tuple *after, struct decision *ret);
struct place translator_place(const struct translator *translator); /* of the NAT's rules */
/* Where a packet with this destination goes on from the outside, and one with these addresses from the inside. */
void translator_leave(const struct translator *translator, be32 dst, struct decision *ret);
void translator_enter(const struct world *world, const struct translator *translator, be32 src, be32 dst,
		      struct decision *ret);
/* The change of a decision that goes on. */
void translator_change_source(const struct translator *translator, enum change_kind kind, be32 addr, be16 port,
			      struct decision *ret);
/* The same, and where it goes on. */
void translator_change_destination(const struct world *world, const struct translator *translator, be32 src,
				   enum change_kind kind, be32 addr, be16 port, struct decision *ret);
/* ---- fabric.c ---- */
void fabric_carry(struct world *world, const struct carriage *carriage, struct packet *packet);
/* Would a packet get through? REASON_NONE where it would; *ret_at: where it ends. */
struct verdict fabric_verdict(const struct world *world, const struct carriage *carriage, uint32_t *ret_at);
/* Between peered networks: within a region like one network, else over the backbone; where the switches of the peering
 * let it pass. */
void fabric_peering(const struct ask *ask, uint32_t from, uint32_t to, struct decision *ret);

/* ---- fate.c; of world.h besides: world_fate() ---- */
/* For health: a SYN (datagram, echo) with this tuple that begins with this leg; what it would leave is in *trial then.
 * The rules and routes that decide count as used. */
void fate_from(const struct world *world, struct leg leg, const struct tuple *tuple, struct trial *trial,
	       struct world_fate *ret);
/* Any packet, with every decision on its way: a SYN, or with `is_answer` SYN and ACK. *trial holds what earlier packets
 * would have left, and then what this one would. */
typedef void fate_asked(void *context, const struct ask *ask, const struct stage *stage,
			const struct decision *decision);
void fate_walk(const struct world *world, struct leg leg, const struct tuple *tuple, bool is_answer,
	       struct trial *trial, fate_asked *asked, void *context, struct world_fate *ret);
/* The packet that is asked about. */
void fate_packet(const struct world *world, const struct tuple *tuple, bool is_answer, struct packet *ret);
/* The answer to a call that arrived at a machine with this tuple. */
void fate_of_answer(const struct world *world, uint32_t machine_node, const struct tuple *call,
		    const struct trial *trial, struct world_fate *ret);

/* The ways of a call, and of its answer (world_ways()). The machine `from` sends it; NULL: it begins with `leg`. */
void fate_ways(const struct world *world, const struct machine *from, struct leg leg, const struct tuple *tuple,
	       struct world_way *ret_there, struct world_way *ret_back);

/* ---- private_calls.c: calls that reach a service with a private source ---- */
void private_call_note(struct world *world, struct packet *packet, uint32_t node); /* by which it came: its origin */
void private_call_suppose(const struct ask *ask, uint32_t node, struct trial *trial);
uint32_t private_call_find(const struct ask *ask); /* of an answer, the node to which it goes; NONE */
/* Over the fabrics, from one node to another that is Azure's. */
void fabric_across(const struct world *world, uint32_t from, uint32_t to, struct decision *ret);

/* ---- what stages say ---- */
/* The same for every segment of TCP with these addresses that is whole, and not for port 25. */
static inline void decide_settled(struct decision *ret)
{
	ret->settled = true;
}
static inline void decide_pass(struct decision *ret)
{
	ret->verb = VERB_PASS;
}
static inline void decide_passed(struct decision *ret)
{
	ret->verb = VERB_PASSED;
	ret->hops = 0;
	ret->change.kind = CHANGE_NONE;
}
static inline void decide_go(struct decision *ret, enum passage passage, uint32_t at, uint32_t from)
{
	ret->verb = VERB_GO;
	ret->hops = 0;
	ret->change.kind = CHANGE_NONE;
	ret->next = (struct leg){passage, at, from};
}
static inline void decide_change(struct decision *ret, enum change_kind kind, be32 addr, be16 port, uint32_t step_flags,
				 const char *rule, struct place place)
{
	ret->change = (struct change){
		.kind = kind, .addr = addr, .port = port, .step_flags = step_flags, .rule = rule, .place = place};
}
static inline void decide_link(struct decision *ret, uint32_t from, uint32_t to, enum link_class class)
{
	ret->verb = VERB_CARRY;
	ret->hops = 0;
	ret->carriage = (struct carriage){.kind = CARRIAGE_PRIVATE, .class = class, .from = from, .to = to};
}
static inline void decide_drop(struct decision *ret, struct verdict verdict, uint32_t step_flags)
{
	ret->verb = VERB_DROP;
	ret->verdict = verdict;
	ret->step_flags = step_flags;
	ret->drop_at = NONE;
	ret->error.type = 0;
}
/* The sender gets an ICMP error, which begins with this leg. */
static inline void decide_error(struct decision *ret, uint8_t type, uint8_t code, uint16_t mtu, be32 src,
				struct leg leg)
{
	ret->error.type = type;
	ret->error.code = code;
	ret->error.mtu = mtu;
	ret->error.src = src;
	ret->error.leg = leg;
}

/* ---- what several stages ask ---- */
static inline bool packet_outlives(const struct packet *packet, uint8_t hops)
{
	return packet_ip_const(packet)->ttl > hops;
}
#endif
