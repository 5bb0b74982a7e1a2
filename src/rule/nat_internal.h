/* Inside a NAT; for nat*.c alone. */
#ifndef PKTPATH_RULE_NAT_INTERNAL_H
#define PKTPATH_RULE_NAT_INTERNAL_H
#include "base/pool.h"
#include "net/header.h"
#include "rule/nat.h"

#define NAT_N_PROTOS 3 /* TCP, UDP, ICMP: ports (identifiers) of their own each */

/* Open addressing with linear probing; a slot holds 32 bits of the hash and the index of what it finds. Index 0 is an
 * empty slot. */
struct nat_index {
	struct nat_slot {
		uint32_t tag;
		uint32_t index;
	} * slots;
	uint32_t mask;
	uint32_t n;
};

/* How the ports of one owner towards one destination are used. */
struct nat_destination {
	uint32_t owner;
	be32 addr; /* as far as the mapping depends on it */
	be16 port;
	uint8_t proto;
	uint8_t address;    /* of the outside, by number */
	uint16_t next_port; /* sequential allocation goes on here */
	uint32_t n_used;    /* by mappings that live, or whose port rests */
};

struct nat_session { /* an outsider to which an endpoint-independent mapping has sent */
	be32 addr;
	be16 port;
	uint8_t state; /* of TCP: FIN, RST of this connection */
	uint32_t next;
};

struct nat_ways { /* when a datagram last went out, and came in */
	struct instant out, in;
};

struct nat_timer {
	struct instant due;
	uint32_t mapping;
};
struct nat_ring {
	struct nat_timer *timers;
	uint32_t mask, head, n;
};
enum nat_timeout {
	TIMEOUT_TCP_OPENING,
	TIMEOUT_TCP_IDLE,
	TIMEOUT_TCP_TRANSITORY,
	TIMEOUT_TCP_RESET,
	TIMEOUT_UDP_IDLE,
	TIMEOUT_UDP_STREAM,
	TIMEOUT_ICMP,
	TIMEOUT_COUNT
};

/* FIN and RST are the mapping's, once all its connections are closing; those of its first outsider's connection alone
 * stand above NAT_FIRST_SHIFT. */
enum nat_state { NAT_FIN_OUT = 1, NAT_FIN_IN = 2, NAT_RST = 4, NAT_SEEN_IN = 8, NAT_STREAM = 16 };
#define NAT_FIRST_SHIFT 5

struct nat_ports {            /* of one address and protocol */
	uint32_t *n_mappings; /* a port; NULL until the first mapping */
	uint8_t *ever;        /* bit set: was given out once */
	uint32_t n_in_use;
};

struct nat_owner { /* what an instance has */
	uint32_t ports_in_use, ports_in_use_peak;
	uint32_t reserved; /* ports of its block that are never given out; of the first, where one pool is shared */
	uint64_t mappings, mappings_total, expired;
	uint64_t refused; /* nat_note_refused() */
	be32 source;      /* where owners are inside addresses: which, */
	uint32_t block;   /* and the number of its block among those of its outside address */
	uint32_t *units;  /* where ports double: those that it has, in the order in which it got them */
	uint32_t n_units;
};
struct nat_uses { /* by how many mappings of one owner a port of a shared pool is used */
	struct nat_use {
		uint64_t key; /* 0: empty */
		uint32_t n;
	} * slots;
	uint32_t mask, n;
};

struct nat {
	struct nat_rules rules;
	struct nat_blocks blocks;
	struct pool mappings, destinations, sessions, tracks, ways;
	struct nat_index by_inside, by_outside, by_destination;
	struct nat_index
		/* mappings that did not get the port of their source, though they might have: by that source */
		by_displaced;
	be32 *addresses; /* rules.addresses */
	struct nat_address_ports {
		struct nat_ports of[NAT_N_PROTOS];
	} * ports; /* by number of the address */
	uint32_t n_ports;
	uint8_t reserved[65536 / 8];
	bool any_reserved;
	bool is_usual;   /* nat_is_usual() */
	uint16_t *holes; /* first ports of reserved eights, where blocks lie around them; in order */
	uint32_t n_holes;
	struct nat_owner *owners; /* by number; those that are gone, too */
	uint32_t n_owners, capacity_owners;
	bool by_source;            /* owners are inside addresses, numbered in the order in which they first sent */
	struct nat_index by_owner; /* then: an owner's number + 1, by its address */
	uint32_t *n_blocks;        /* and how many of an outside address are taken */
	uint32_t *unit_owners;     /* where ports double: owner + 1 of each unit, by address */
	struct nat_uses uses;
	uint64_t ports_in_use, ports_in_use_peak, n_live, n_total, n_expired;
	struct nat_ring rings[TIMEOUT_COUNT];
	struct nat_timer *heap;
	size_t n_heap, capacity_heap;
	struct instant expiry; /* of the first of all timers; NEVER */
	struct nat_acks *acks; /* by mapping; NULL where they are not kept */
	uint32_t n_acks;
	uint32_t *makers; /* by mapping: the reference of the packet that made it */
	uint32_t n_makers;
	nat_ended *ended;
	void *ended_context;
	struct nat_forward *expected; /* nat_expect() */
	uint32_t n_expected, capacity_expected;
	struct nat_takens *takens; /* nat_taken.c; NULL */
	uint32_t n_resting;        /* mappings that have ended and whose port rests */
	struct nat_counts { /* mappings by destination and by inside address, where there is a limit; nat_limits.c */
		struct nat_count {
			uint64_t a, b; /* the key; both 0: empty */
			uint32_t n;
		} * slots;
		uint32_t mask, n;
	} by_limit;
};

static inline struct nat_mapping *nat_mapping_at(const struct nat *nat, uint32_t index)
{
	return pool_at(&nat->mappings, index);
}
static inline bool nat_tracks(const struct nat *nat, uint8_t proto)
{
	return proto == PROTO_TCP && nat->rules.tcp_state != NAT_TCP_STATE_OFF &&
	       nat->rules.mapping == NAT_ON_ADDRESS_AND_PORT;
}
static inline struct nat_track *nat_track_of(const struct nat *nat, const struct nat_mapping *mapping)
{
	return pool_at(&nat->tracks, mapping->sessions);
}
/* Does each direction's silence count by itself? */
static inline bool nat_has_ways(const struct nat *nat, uint8_t proto)
{
	return nat->rules.idle_each_way && proto == PROTO_UDP && nat->rules.udp_mapping == NAT_ON_ADDRESS_AND_PORT;
}
static inline struct nat_ways *nat_ways_of(const struct nat *nat, const struct nat_mapping *mapping)
{
	return pool_at(&nat->ways, mapping->sessions);
}
/* The first of the outsiders beyond the first; POOL_NONE. */
static inline uint32_t nat_sessions(const struct nat *nat, const struct nat_mapping *mapping)
{
	return nat_tracks(nat, mapping->inside.proto) || nat_has_ways(nat, mapping->inside.proto) ? POOL_NONE
												  : mapping->sessions;
}
static inline bool nat_reuses(const struct nat *nat)
{
	return nat->rules.reuse != NAT_REUSE_NEVER;
}
/* It has ended, and is in the table for its port alone. */
static inline bool nat_rests(const struct nat_mapping *mapping)
{
	return instant_is_never(mapping->last_used);
}
static inline struct nat_destination *nat_destination_of(const struct nat *nat, const struct nat_mapping *mapping)
{
	return pool_at(&nat->destinations, mapping->destination);
}
/* The instance behind the NAT whose mapping it is. */
static inline uint32_t nat_owner(const struct nat *nat, const struct nat_mapping *mapping)
{
	return nat_destination_of(nat, mapping)->owner;
}
static inline size_t nat_proto_index(uint8_t proto)
{
	return proto == PROTO_TCP ? 0 : proto == PROTO_UDP ? 1 : 2;
}
static inline enum nat_depends nat_mapping_depends(const struct nat *nat, uint8_t proto)
{
	if (nat_is_query(proto)) /* an echo identifier has no port at the far side */
		return nat->rules.mapping == NAT_ON_ADDRESS_AND_PORT ? NAT_ON_ADDRESS : nat->rules.mapping;
	return proto == PROTO_UDP ? nat->rules.udp_mapping : nat->rules.mapping;
}
static inline be32 nat_masked_addr(enum nat_depends depends, be32 addr)
{
	return depends == NAT_ON_ENDPOINT ? ADDR_NONE : addr;
}
static inline be16 nat_masked_port(enum nat_depends depends, be16 port)
{
	return depends == NAT_ON_ADDRESS_AND_PORT ? port : (be16){0};
}

/* ---- nat_table.c ---- */
void nat_index_deinit(struct nat_index *index);
int nat_index_reserve(struct nat_index *index); /* room for one more; 0 or -ENOMEM */
void nat_index_put(struct nat_index *index, uint32_t tag, uint32_t value);
struct nat_outside {      /* what an outsider sees, and who that is */
	uint32_t address; /* by number */
	uint16_t port;
	uint8_t proto;
	be32 remote;
	be16 remote_port;
};
/* A mapping by its inside tuple; by its outside. POOL_NONE where there is none. */
uint32_t nat_find_inside(const struct nat *nat, const struct tuple *inside);
uint32_t nat_find_outside(const struct nat *nat, struct nat_outside outside);
/* The same for packets. Keys are unique, so a live mapping whose tuple it is would be the one that the table names. */
uint32_t nat_find_outbound(const struct nat *nat, const struct nat_packet *packet);
uint32_t nat_find_inbound(const struct nat *nat, const struct nat_packet *packet);
int nat_table_add(struct nat *nat, uint32_t mapping);
/* A mapping of the same inside end point whose port is not its own; POOL_NONE. */
uint32_t nat_find_displaced(const struct nat *nat, const struct tuple *inside, uint32_t without, struct instant now);
/* To the cache: what the end of a mapping will touch. */
void nat_table_fetch(const struct nat *nat, uint32_t mapping);
void nat_table_remove(struct nat *nat, uint32_t mapping);
/* By its inside tuple it is found no more. */
void nat_table_hide(struct nat *nat, uint32_t mapping);
/* Its port decides about no other mapping any more. */
void nat_table_rest(struct nat *nat, uint32_t mapping);
/* The record of (owner, protocol, destination). POOL_NONE where there is none, or memory is short. */
uint32_t nat_destination_find(const struct nat *nat, uint32_t owner, uint32_t address, const struct tuple *inside);
uint32_t nat_destination_make(struct nat *nat, uint32_t owner, uint32_t address, const struct tuple *inside);
void nat_destination_drop(struct nat *nat, uint32_t destination);
/* Filtering (RFC 4787 5): may this outsider send to the mapping? */
bool nat_permits(const struct nat *nat, const struct nat_mapping *mapping, be32 remote, be16 remote_port);
int nat_permit(struct nat *nat, struct nat_mapping *mapping, be32 remote, be16 remote_port);
/* Has the inside sent there by this mapping? As exactly as it is noted. */
bool nat_knows(const struct nat *nat, const struct nat_mapping *mapping, be32 remote, be16 remote_port);
/* Outsiders beyond the first, exactly; NULL where it is none of them. */
struct nat_session *nat_session_find(const struct nat *nat, const struct nat_mapping *mapping, be32 remote,
				     be16 remote_port);
void nat_forget_sessions(struct nat *nat, struct nat_mapping *mapping);

/* ---- nat_ports.c ---- */
/* Which of the outside addresses an inside address has where it keeps one, by number. */
uint32_t nat_address_number(const struct nat *nat, uint32_t owner, be32 inside);
/* The number of an outside address; n_addresses where it is none of them. */
uint32_t nat_address_find(const struct nat *nat, be32 address);
/* The ports among which a new mapping finds one. */
struct nat_share {
	uint32_t owner; /* n_owners: an inside address that has no number yet */
	uint32_t address;
	uint16_t first;
	uint32_t n, n_reserved;
	uint32_t without;     /* a mapping that ends with this packet; POOL_NONE */
	uint32_t same_source; /* the newest of the same inside end, where ports are the kernel's; POOL_NONE */
	const struct nat_segment *opens; /* NULL: not known */
	bool unused_alone;               /* no port that serves another destination */
};
void nat_share(const struct nat *nat, const struct nat_packet *packet, uint32_t without, struct instant now,
	       struct nat_share *ret);
/* The same of another address, the `i`th to be tried; false where there is none. */
bool nat_share_next(const struct nat *nat, uint32_t i, struct nat_share *share);
/* The source's own port where it is free at the share's address, whatever the share; else NAT_NO_PORT. */
uint32_t nat_port_kept(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
		       struct instant now);
#define NAT_NO_PORT UINT32_MAX
/* A free port for a new mapping, or NAT_NO_PORT. */
uint32_t nat_port_choose(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
			 uint32_t destination, struct instant now);
/* Is it any mapping's at this instant? */
bool nat_port_is_used(const struct nat *nat, uint32_t address, uint8_t proto, uint16_t port, struct instant now);
int nat_port_take(struct nat *nat, const struct nat_mapping *mapping);
void nat_port_release(struct nat *nat, const struct nat_mapping *mapping);
/* Of new addresses no port was given out yet. */
void nat_ports_forget(struct nat *nat);
bool nat_port_reserved(const struct nat *nat, uint16_t port);
int nat_note_holes(struct nat *nat); /* where blocks lie around what is reserved. 0 or -ENOMEM */

/* ---- nat_taken.c ---- */
void nat_taken_add(struct nat *nat, const struct nat_mapping *m); /* it is in the table; it leaves it */
void nat_taken_remove(struct nat *nat, const struct nat_mapping *m);
/* A bit for each port that some mapping has towards the destination of `inside`; NULL where only the table says it. A
 * mapping counts until it leaves the table, due or not. */
const uint64_t *nat_taken_bits(const struct nat *nat, uint32_t address, const struct tuple *inside);
void nat_taken_deinit(struct nat *nat);

/* ---- nat_owners.c ---- */
int nat_owners_set(struct nat *nat, const struct nat_blocks *blocks);
/* The number of an inside address, which gets one where it has none. 0 or -ENOMEM. */
int nat_owner_of_source(struct nat *nat, be32 source, uint32_t *ret);
/* The same without giving one: n_owners then. */
uint32_t nat_owner_find(const struct nat *nat, be32 source);
void nat_owners_deinit(struct nat *nat);
int nat_owner_take(struct nat *nat, const struct nat_mapping *mapping, bool port_is_new);
void nat_owner_release(struct nat *nat, const struct nat_mapping *mapping, bool port_is_free);

/* ---- nat_timer.c ---- */
/* Takes note of a packet: state, last use, counters. */
int nat_touch(struct nat *nat, uint32_t mapping, bool outbound, const struct nat_packet *packet, struct instant now);
struct instant nat_due(const struct nat *nat, const struct nat_mapping *mapping);
/* Has it ended at this instant, though nat_handle() has not come to it? */
static inline bool nat_is_due(const struct nat *nat, const struct nat_mapping *mapping, struct instant now)
{
	return instant_reached(now, nat->expiry) && instant_reached(now, nat_due(nat, mapping));
}
int nat_arm(struct nat *nat, uint32_t mapping);
int nat_arm_at(struct nat *nat, uint32_t mapping, struct instant due);
enum nat_end nat_end_by_timer(const struct nat *nat, const struct nat_mapping *mapping);

/* ---- nat_rest.c ---- */
/* Ends it, or begins its port's rest. 0 or -ENOMEM. */
int nat_end_or_rest(struct nat *nat, uint32_t mapping, enum nat_end why, struct instant at);
/* Is it due, and its port free for others, though nat_handle() has not come to it? */
bool nat_has_left(const struct nat *nat, const struct nat_mapping *mapping, struct instant now);
/* Of a mapping whose port rests: is it none for this packet? What a closed connection still sends passes; what opens
 * another does not, and of UDP nothing. */
bool nat_is_over(const struct nat_mapping *mapping, const struct nat_packet *packet);
/* A packet of a closed connection passes: a reset may end the rest sooner. */
int nat_rest_again(struct nat *nat, uint32_t mapping, const struct nat_packet *packet, struct instant now);

/* ---- nat_fixed.c ---- */
static inline bool nat_forwards(const struct nat *nat)
{
	return __builtin_expect(nat->rules.n_forwards + nat->n_expected > 0, 0);
}
/* NULL where the port is forwarded nowhere. */
const struct nat_forward *nat_forward_at(const struct nat *nat, uint8_t proto, uint16_t port);
const struct nat_forward *nat_forward_of(const struct nat *nat, const struct tuple *arriving);
/* The outside port of an inside end to which a forward leads. */
bool nat_forward_out(const struct nat *nat, const struct tuple *inside, uint16_t *ret);
/* What the machine will answer to what arrives. */
struct tuple nat_forwarded(const struct nat_forward *forward, const struct tuple *arriving);
/* Is the mapping a forward's, which lets every sender in? */
bool nat_forward_admits(const struct nat *nat, const struct nat_mapping *m, const struct tuple *arriving);
bool nat_is_static(const struct nat *nat, be32 outside);

/* ---- nat_units.c ---- */
static inline bool nat_doubles(const struct nat *nat)
{
	return nat->rules.ports_per_worker == NAT_PORTS_DOUBLING;
}
int nat_units_begin(struct nat *nat);
/* A free port of the owner's units, or of those that it would get; NAT_NO_PORT. */
uint32_t nat_units_choose(const struct nat *nat, const struct nat_share *of, const struct tuple *inside,
			  uint32_t destination, struct instant now);
/* The port is taken: where it lies in no unit of the owner's, it gets that and as many more as it has. */
int nat_units_take(struct nat *nat, uint32_t owner, uint32_t address, uint16_t port);
void nat_units_deinit(struct nat *nat);

/* ---- nat_limits.c ---- */
/* Would one more mapping of this inside tuple, in this share, be too many? */
enum nat_limit nat_limit(const struct nat *nat, const struct nat_share *share, const struct tuple *inside,
			 struct instant now);
/* Would a further destination of this mapping be too many? */
enum nat_limit nat_limit_towards(const struct nat *nat, const struct nat_mapping *m, const struct tuple *inside,
				 struct instant now);
int nat_limits_take(struct nat *nat, const struct nat_mapping *m);
int nat_limits_take_towards(struct nat *nat, const struct nat_mapping *m, be32 remote, be16 remote_port);
void nat_limits_release(struct nat *nat, const struct nat_mapping *m);
static inline bool nat_is_limited(const struct nat *nat)
{
	const struct nat_limits *limits = &nat->rules.limits;
	return (limits->per_destination | limits->mappings | limits->per_host) != 0;
}

/* ---- nat_known.c ---- */
bool nat_is_usual(const struct nat *nat);

/* ---- nat_decide.c ---- */
struct nat_looked { /* at a segment of a connection that is followed */
	enum nat_track_verdict verdict;
	struct nat_track track; /* as it is then */
};
void nat_look_outbound(const struct nat *nat, const struct nat_packet *packet, struct instant now,
		       struct nat_answer *ret, struct nat_looked *looked);
void nat_look_inbound(const struct nat *nat, const struct nat_packet *packet, struct instant now,
		      struct nat_answer *ret, struct nat_looked *looked);
/* What the inside will answer to an outsider who comes in by this mapping. */
struct tuple nat_opened_from_outside(const struct nat_mapping *mapping, const struct tuple *arriving);
/* Refused for good: it changes nothing. Who finds no port is counted. */
static inline bool nat_is_refused(const struct nat_answer *answer)
{
	return answer->reason != REASON_NONE && answer->reason != REASON_SNAT_PORTS_EXHAUSTED;
}
/* The filter must know the destinations that the inside has sent to. TCP's connections are kept apart besides, where one mapping may
 * have several; they begin with a SYN, so that further packets need not look. */
static inline bool nat_must_note_outsider(const struct nat *nat, const struct nat_packet *packet)
{
	enum nat_depends depends = nat_mapping_depends(nat, packet->tuple.proto);
	return depends < nat->rules.filtering ||
	       (depends < NAT_ON_ADDRESS_AND_PORT &&
		((packet->tcp_flags & TCP_SYN) != 0 || nat->rules.limits.per_destination != 0));
}

/* ---- nat_pool.c ---- */
/* The order of nat_each(): creation time, then inside tuple. */
int nat_mapping_order(const struct nat_mapping *x, const struct nat_mapping *y);

/* ---- nat.c ---- */
void nat_end(struct nat *nat, uint32_t mapping, enum nat_end why, struct instant at);
/* It counts as ended from now on, and is in the table still. */
void nat_leave(struct nat *nat, uint32_t mapping, enum nat_end why, struct instant at);
#endif
