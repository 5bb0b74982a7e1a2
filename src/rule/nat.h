/* A NAT: mappings between inside and outside, by the terms of RFC 2663 and RFC 4787.
 *
 * DOC: one engine is every NAT; what differs between Azure's VIP, a home router and Linux is struct nat_rules. A
 * mapping joins an inside tuple (inside address and port, destination) with an outside address and port. How much of
 * the destination belongs to the mapping is its dependence (RFC 4787 4.1); which outsiders may answer is the
 * filtering's (RFC 4787 5). A port may serve several destinations at once where `reuse` says so. Time is an argument:
 * mappings end when nat_handle(now) is called at nat_expiry(), or with the first packet from then on.
 *
 * nat_decide.c: decisions; nat.c: what an answer does; nat_table.c: mappings and how they are found; nat_ports.c:
 * which port; nat_owners.c: who has how many; nat_limits.c: how many there may be; nat_timer.c: when they end;
 * nat_rest.c: which ports rest; nat_fixed.c: forwards and the like; nat_units.c: ports that double; nat_pool.c: all of
 * them at once. */
#ifndef PKTPATH_RULE_NAT_H
#define PKTPATH_RULE_NAT_H
#include "base/place.h"
#include "base/time.h"
#include "net/prefix.h"
#include "net/reason.h"
#include "net/tuple.h"
#include "rule/nat_track.h"
#include <stddef.h>

/* RFC 4787 4.1 and 5: on what a mapping, or a filter, depends. */
enum nat_depends { NAT_ON_ENDPOINT, NAT_ON_ADDRESS, NAT_ON_ADDRESS_AND_PORT };
enum nat_allocates { NAT_ALLOCATES_SEQUENTIAL, NAT_ALLOCATES_PRESERVE, NAT_ALLOCATES_RANDOM };
/* Whether TCP connections are followed from state to state, with a look at their windows or without. */
enum nat_tcp_state { NAT_TCP_STATE_OFF, NAT_TCP_STATE_LOOSE, NAT_TCP_STATE_STRICT };
/* What happens to a packet from inside that belongs to nothing. */
enum nat_invalid { NAT_INVALID_DROP, NAT_INVALID_UNTRANSLATED };
/* What a packet of no mapping draws: nothing; a segment that opens nothing a reset, from both sides or from inside alone;
 * or, at the outside address, what a host at which nothing listens answers. */
enum nat_unknown { NAT_UNKNOWN_DROP, NAT_UNKNOWN_RESET, NAT_UNKNOWN_RESET_INSIDE, NAT_UNKNOWN_ANSWER };
/* Which of several outside addresses a new mapping gets: that of its inside address; by inside address and destination;
 * the first that has a free port; any. */
enum nat_pooling { NAT_POOLING_PAIRED, NAT_POOLING_BY_DESTINATION, NAT_POOLING_ONE_AT_A_TIME, NAT_POOLING_RANDOM };
/* Whether a port serves several destinations at once: yes; no; where no port is left that serves none. */
enum nat_reuse { NAT_REUSE_PER_DESTINATION, NAT_REUSE_NEVER, NAT_REUSE_WHEN_EXHAUSTED };

/* The protocols of identifiers, in tuples: echo is ICMP itself, each other kind of query has a number that no IP packet
 * has here. */
enum { NAT_PROTO_TIMESTAMP = 0xf1, NAT_PROTO_INFORMATION, NAT_PROTO_MASK };
static inline bool nat_is_query(uint8_t proto)
{
	return proto != PROTO_TCP && proto != PROTO_UDP;
}

#define NAT_MAX_ADDRESSES 256u      /* of one NAT */
#define NAT_PORTS_AUTO 0u           /* Azure's table by pool size */
#define NAT_PORTS_SHARED UINT32_MAX /* one pool */
#define NAT_PORTS_DOUBLING (UINT32_MAX - 1)

/* What a rule by configuration is called, and its line. */
struct nat_fixed {
	const char *rule; /* "forward/8080/tcp", "static/203.0.113.9" */
	struct place place;
};
/* Ports of the outside that are a machine's inside. */
struct nat_forward {
	uint16_t first, last;
	uint8_t proto;
	uint16_t to_port; /* 0: the same */
	const char *host; /* that it leads to, */
	be32 to;          /* and its address */
	be32 from;        /* the one sender that it lets in; ADDR_NONE: any */
	struct nat_fixed fixed;
};
enum nat_alg { NAT_ALG_FTP = 1 };
struct nat_static { /* one to one */
	be32 outside, inside;
	const char *host; /* that has the inside address */
	struct nat_fixed fixed;
};

/* For how long a port rests after its mapping, towards the same destination. A time that is not said: no rest. */
struct nat_hold {
	int64_t fin_ns, rst_ns, udp_ns, half_open_ns;
	bool has_fin, has_rst, has_udp, has_half_open;
};

/* How many mappings there may be at once; 0: any number. A destination is an address, a port and a protocol. */
struct nat_limits {
	uint32_t per_destination; /* of each outside address */
	uint32_t mappings;
	uint32_t per_host; /* of each inside address */
};
enum nat_limit { NAT_LIMIT_NONE, NAT_LIMIT_DESTINATION, NAT_LIMIT_MAPPINGS, NAT_LIMIT_HOST };

/* What a scenario says of a NAT, its profile's values filled in. */
struct nat_rules {
	/* Of the outside. None: the caller gives the NAT its own, the VIP or an appliance's. */
	const be32 *addresses;
	uint32_t n_addresses;
	enum nat_depends mapping;
	enum nat_depends udp_mapping; /* Azure shares a UDP port by destination address, not by address and port */
	bool udp_mapping_is_given;
	enum nat_depends filtering;
	enum nat_allocates allocation;
	uint16_t port_first, port_last;
	uint32_t ports_per_worker;     /* for who makes the NAT: nat_resize(), nat_blocks_by_source() */
	uint32_t ports_min, ports_max; /* DOUBLING */
	struct nat_forward *forwards;
	size_t n_forwards;
	struct nat_static *statics;
	size_t n_statics;
	struct prefix *except, *only; /* destinations that keep their source; none but these lose it */
	size_t n_except, n_only;
	uint32_t algs;               /* bits of enum nat_alg */
	bool hairpin_forwards_alone; /* by profile: to its own address comes back in what a forward names */
	enum nat_reuse reuse;
	struct nat_hold hold;
	struct nat_limits limits;
	enum nat_pooling pooling;
	/* Where the mapping depends on address and port: one mapping, one connection. */
	enum nat_tcp_state tcp_state;
	struct nat_track_timers states; /* then */
	bool loose;                     /* a segment from inside opens a mapping in the middle of a connection */
	enum nat_invalid invalid;
	bool hairpin;
	enum nat_unknown unknown;
	/* by profile: ports as netfilter chooses them: the source's own, else one found by chance, of its own class below
	 * 512, below 1024 or above where no range is given, and after some tries none */
	bool kernel_ports, port_classes;
	/* by profile: packets as netfilter reads them. What is damaged belongs to nothing; timestamps, information and masks
	 * are queries as echoes are, source quench is an error; a datagram is put together before it is translated */
	bool kernel_packets;
	bool translate_icmp, translate_fragments;
	bool echo_alone;          /* of ICMP, no errors */
	bool idle_each_way;       /* by profile: UDP's time of silence counts for each direction by itself */
	bool udp_fragments_alone; /* of what is in fragments, datagrams of UDP */
	bool forgets_refused;     /* by profile: a reset that answers a first SYN ends the mapping at once */
	/* by profile: what passes after FIN from both sides, or a reset, makes the mapping live on; otherwise its end
	 * stands (RFC 5382 R5, RFC 7857 2.2: it is an idle time-out) */
	bool closing_is_idle;
	/* by profile: what passes after a reset, and is none, shows that the reset was not believed: the connection is as it
	 * was (RFC 7857 2, figure 1) */
	bool doubts_resets;
	bool reset_on_idle;     /* acknowledgments are kept, so that both ends can be reset at a mapping's end */
	int64_t tcp_opening_ns; /* by profile: nothing came back yet; 0: as tcp_idle_ns */
	int64_t tcp_idle_ns, tcp_transitory_ns, tcp_reset_ns, udp_idle_ns;
	int64_t udp_stream_ns;       /* once seen both ways, */
	int64_t udp_stream_after_ns; /* by profile: and so long after it began; 0: at once, with the inside's next */
	int64_t icmp_idle_ns;
	uint64_t seed;       /* of random allocation; for who makes the NAT */
	const char *profile; /* its name: "azure"; NULL where there is none */
	struct place place, ports_place /* of `ports_per_worker` */;
};

enum nat_end {
	NAT_END_LIVE,
	NAT_END_IDLE,
	NAT_END_CLOSED,
	NAT_END_RESET,
	NAT_END_RECLAIMED,
	NAT_END_GONE,
	NAT_END_READDRESSED,
	NAT_END_FORGOTTEN,
	NAT_END_COUNT
};
const char *nat_end_name(
	enum nat_end
		end); /* "idle", "closed", "reset", "reclaimed", "instance-gone", "address-changed", "forgotten"; NULL while live */

struct nat_mapping {         /* a line of the cache: there may be a million */
	struct tuple inside; /* as the inside host sent the first packet */
	uint16_t outside_port;
	uint8_t state;        /* nat_timer.c's: FIN, RST, seen from which side */
	uint8_t address;      /* of the outside, by number */
	uint32_t destination; /* nat_ports.c's: how the ports of its owner towards this destination are used */
	uint32_t
		/* nat_table.c's: outsiders beyond the first: who is permitted, and whose connections share it; of a TCP
		 * mapping that is followed its nat_track */
		sessions;
	uint32_t packets; /* counts no further than it can */
	struct instant created, last_used;
	struct instant armed; /* the one live entry in the timers; a free slot has NEVER */
	uint64_t bytes;
};
_Static_assert(sizeof(struct nat_mapping) == 64, "see the comment above");

/* What both ends of a TCP mapping acknowledged last: the sequence numbers that they expect next. */
struct nat_acks {
	uint32_t reference; /* of the packet that made the mapping */
	uint32_t by_inside, by_outside;
	bool inside_acked, outside_acked;
};

struct nat;
struct nat_packet {
	struct tuple tuple; /* outbound: as sent; inbound: as it arrives at the outside */
	uint32_t owner;     /* outbound: the instance, from 0 */
	uint8_t tcp_flags;  /* 0 where it is not TCP */
	/* ICMP: a reply that goes out, a request that comes in. A query's mapping is for the inside's requests and
	 * their replies (RFC 5508 R1) */
	bool unasked;
	/* outbound: the NAT's machine itself sends it, from one of the outside addresses, which it keeps; and its port,
	 * where that is free */
	bool own;
	uint32_t ip_bytes;
	uint32_t tcp_ack; /* of a segment with TCP_ACK */
	/* where nat_follows_tcp(); NULL: its flags are all that is known */
	const struct nat_segment *segment;
	uint32_t reference; /* the caller's own, kept with the acknowledgments */
	uint32_t
		/* the mapping that an earlier answer named, tried first; 0, or a wrong one, costs a look into the
		 * table */
		hint;
};
struct nat_answer {
	enum reason reason;   /* NONE; SNAT_PORTS_EXHAUSTED, NO_MAPPING, FILTERED, ICMP_NOT_TRANSLATED */
	enum nat_limit limit; /* SNAT_PORTS_EXHAUSTED: by which it is refused */
	be32 addr;            /* outbound: the new source; inbound: the new destination */
	be16 port;
	uint32_t mapping; /* that there is, a hint for the next packet of these end points; 0: there is none yet */
	bool created;     /* a mapping is made for this packet */
	bool inbound;     /* which of the two decisions it is */
	/* It belongs to nothing. From inside (reason NONE) it goes on as it is; from outside it is for the NAT itself. */
	bool untranslated;
	bool is_stateless;             /* one to one, or it keeps its source: there is no mapping, and none is made */
	const struct nat_fixed *fixed; /* a forward or one-to-one that it follows; else NULL */
	uint32_t destination;          /* the NAT's own */
};

/* One owner, one shared pool, until nat_resize(). */
int nat_new(const struct nat_rules *rules, struct nat **ret);
struct nat *nat_free(struct nat *nat);
/* Does it want segments whole? */
bool nat_follows_tcp(const struct nat *nat);
/* A port on which the address itself listens is never given out. */
void nat_reserve(struct nat *nat, uint16_t port);
/* Owner i has the ports of nat_block(i). Mappings outside their owner's new block end as reclaimed.
 * Blocks are cut from roots: the first n_roots owners stand at port_first + i * root_ports, later ones take halves of
 * the blocks of earlier ones, so that growing the pool takes ports away only where it must. */
struct nat_blocks {
	uint32_t n_owners;
	uint32_t block_ports; /* 0: all share one pool, the rest is ignored */
	uint32_t root_ports;  /* block_ports times a power of two */
	uint32_t n_roots;     /* UINT32_MAX: every block is a root */
	/* Aligned eights that are reserved count for no block: one that meets them is so much longer. */
	bool around_reserved;
};
int nat_resize(struct nat *nat, const struct nat_blocks *blocks, struct instant now);
/* Owners are inside addresses, whatever the packets say: each gets a block of so many ports of its outside address
 * when it first opens something (RFC 6888 REQ-4), in that order; who comes when all are taken has none. Before the
 * first packet. */
void nat_blocks_by_source(struct nat *nat, uint32_t block_ports);
/* How many ports an owner has so far, where they double. */
uint32_t nat_units_ports(const struct nat *nat, uint32_t owner);
/* How many inside addresses have a number so far, 0 where owners are none; and whose number it is. */
uint32_t nat_n_sources(const struct nat *nat);
be32 nat_source(const struct nat *nat, uint32_t owner);
/* A connection found no port: counted in the metrics of its owner, that of `source` where owners are inside addresses;
 * UINT32_MAX: it has none. */
void nat_note_refused(struct nat *nat, uint32_t owner, be32 source);
/* The ports of an instance: first, and how many. Of several addresses an instance has one, and its block there. */
void nat_block(const struct nat *nat, uint32_t owner, uint16_t *ret_first, uint32_t *ret_n);
/* How many of these ports are ever given: all but the reserved, and those that forwards have. */
uint32_t nat_usable(const struct nat *nat, uint16_t first, uint16_t last);
/* All mappings of an instance end (it is gone). */
int nat_end_owner(struct nat *nat, uint32_t owner, struct instant now);
/* All mappings end, or all of this inside address; *ret_n of them. */
int nat_forget(struct nat *nat, const be32 *inside, struct instant now, size_t *ret_n);
/* The NAT has this public address alone from now on: all mappings end. */
int nat_readdress(struct nat *nat, be32 address, struct instant now);

/* What a packet would get at this instant, which port included. Changes nothing. */
void nat_decide_outbound(const struct nat *nat, const struct nat_packet *packet, struct instant now,
			 struct nat_answer *ret);
void nat_decide_inbound(const struct nat *nat, const struct nat_packet *packet, struct instant now,
			struct nat_answer *ret);
/* The packet passes, or ends, as the answer says: its mapping is made or used. The answer is one of the
 * same instant, with no packet in between. It names the mapping then. 0 or -ENOMEM. */
int nat_commit(struct nat *nat, const struct nat_packet *packet, struct nat_answer *answer, struct instant now);
/* The mapping of a segment of TCP that an earlier answer named (`hint`), where the rules ask nothing else and nothing is due
 * at this instant. NULL: ask. */
const struct nat_mapping *nat_known_out(const struct nat *nat, uint32_t hint, const struct tuple *tuple,
					struct instant now);
const struct nat_mapping *nat_known_in(const struct nat *nat, uint32_t hint, const struct tuple *tuple,
				       struct instant now);
/* Does the segment change the state of its known mapping? Where it does not, nat_known_use() is all that it does. */
bool nat_known_changes(const struct nat_mapping *known, bool inbound, uint8_t tcp_flags);
void nat_known_use(struct nat *nat, uint32_t hint, uint32_t ip_bytes, struct instant now);
/* Both in one. 0 with an answer, or -ENOMEM. */
int nat_outbound(struct nat *nat, const struct nat_packet *packet, struct instant now, struct nat_answer *ret);
int nat_inbound(struct nat *nat, const struct nat_packet *packet, struct instant now, struct nat_answer *ret);
/* What a packet gets that belongs to nothing, whatever the table says. */
void nat_decide_invalid(const struct nat *nat, bool inbound, const struct nat_packet *packet, struct nat_answer *ret);
/* An ICMP error about a packet of a mapping (RFC 5508 R3 to R6): what its inner source (it comes in) or inner
 * destination (it goes out) becomes. `inner` is the tuple of the packet inside, as it stands there. The mapping is not
 * used by that, and does not end (R9). */
void nat_error(const struct nat *nat, bool outbound, const struct tuple *inner, struct instant now,
	       struct nat_answer *ret);
/* Is what goes to one of its own addresses forwarded by the port? And does it turn round here, being that, or an answer to
 * it? */
bool nat_is_forwarded(const struct nat *nat, const struct tuple *tuple);
bool nat_turns_round(const struct nat *nat, const struct tuple *tuple);
/* A port of the outside leads to a machine inside from now on, as a forward's does; and no more. What a gateway of an
 * application (`alg`) has read in a connection's payload. 0 or -ENOMEM. */
int nat_expect(struct nat *nat, const struct nat_forward *forward);
void nat_unexpect(struct nat *nat, const struct nat_forward *forward);
bool nat_is_expected(const struct nat *nat, const struct nat_forward *forward);
/* The first port of this outside address from `wanted` on that leads to nothing yet, or by its configuration to this end
 * inside already; 0: there is none. */
uint16_t nat_expectable_port(const struct nat *nat, be32 outside, uint16_t wanted, be32 to, uint16_t to_port,
			     struct instant now);
/* By `except` and `only`: does what goes out with this tuple keep its source? */
bool nat_keeps_source(const struct nat *nat, const struct tuple *tuple, struct instant now);
/* A packet of which the address alone is known: the answer where it is one to one, else false. */
bool nat_static_out(const struct nat *nat, be32 inside, be16 port, struct nat_answer *ret);
bool nat_static_in(const struct nat *nat, be32 outside, be16 port, struct nat_answer *ret);
/* Was this outside port ever given out (for this protocol)? Distinguishes a packet that comes too late from one that nothing
 * asked for. */
bool nat_port_was_mapped(const struct nat *nat, uint8_t proto, be32 address, uint16_t port);
bool nat_has_address(const struct nat *nat, be32 address);
/* The outside address of an instance and inside address, whether or not it has a mapping. */
be32 nat_address_of(const struct nat *nat, uint32_t owner, be32 inside);
be32 nat_outside_address(const struct nat *nat, const struct nat_mapping *mapping);

/* To the cache: a mapping that an answer named (0: none); what nat_outbound() will touch for a tuple that has no
 * mapping yet. They change no answer. */
void nat_fetch(const struct nat *nat, uint32_t mapping);
void nat_fetch_new(const struct nat *nat, uint32_t owner, const struct tuple *tuple);

/* When nat_handle() is next due; NEVER where nothing is mapped. Does not move to an earlier time except by outbound and
 * inbound calls. */
struct instant nat_expiry(const struct nat *nat);
int nat_handle(struct nat *nat, struct instant now);

/* Called for each mapping as it ends; `acks` is NULL where they are not kept. It must not ask the NAT anything. */
typedef void nat_ended(void *context, const struct nat_mapping *mapping, const struct nat_acks *acks, enum nat_end why,
		       struct instant at);
void nat_observe(struct nat *nat, nat_ended *ended, void *context);
/* The mapping by which what arrives at the outside with this tuple would come in; NULL. */
const struct nat_mapping *nat_mapping_of_arriving(const struct nat *nat, const struct tuple *arriving,
						  struct instant now);
/* When a live mapping ends if nothing more passes; and how far its connection has come: "opening", "open", "closing",
 * "reset"; of UDP "one-way", "both-ways"; "query". */
struct instant nat_mapping_ends(const struct nat *nat, const struct nat_mapping *mapping);
const char *nat_mapping_state(const struct nat *nat, const struct nat_mapping *mapping);
/* It has connections with several outsiders. */
bool nat_mapping_is_shared(const struct nat *nat, const struct nat_mapping *mapping);
/* The reference of the packet that made it; of a live mapping, or of one that is ending. */
uint32_t nat_mapping_maker(const struct nat *nat, const struct nat_mapping *mapping);
/* The key of the timer under which a mapping stands ("tcp_idle"), and how long that runs. */
const char *nat_mapping_timer(const struct nat *nat, const struct nat_mapping *mapping, int64_t *ret_ns);
/* The instance whose it is, by number. */
uint32_t nat_mapping_owner(const struct nat *nat, const struct nat_mapping *mapping);
/* Calls `each` for every live mapping, ordered by creation time, then inside tuple. */
int nat_each(const struct nat *nat, void (*each)(void *context, const struct nat_mapping *mapping), void *context);

/* A mapping that has ended, and whose port rests. */
struct nat_resting {
	const struct nat_mapping *mapping; /* its last use is NEVER, and of UDP its beginning */
	uint32_t maker;                    /* as of a live one */
	const char *timer;                 /* "port_hold.fin" */
	struct instant since, until;
};
/* Calls `each` for every one, in no order that says anything. */
void nat_each_resting(const struct nat *nat, void (*each)(void *context, const struct nat_resting *resting),
		      void *context);

struct nat_metrics {
	uint64_t ports_in_use, ports_in_use_peak, mappings, mappings_total, expired;
	uint64_t refused; /* nat_note_refused(); of one owner */
};
/* How many ports rest, towards one destination each. */
uint32_t nat_n_resting(const struct nat *nat);
/* owner UINT32_MAX: of all. */
void nat_metrics(const struct nat *nat, uint32_t owner, struct nat_metrics *ret);
#endif
