/* The judge's parts, for judge/expect*.c alone.
 *
 * DOC: during the run nothing is kept of a packet but what an expectation asks: a bit or two a connection, twelve bytes
 * where the order of hops is asked. Texts are made at the end, for the one connection that a judgement speaks of. */
#ifndef PKTPATH_JUDGE_JUDGE_H
#define PKTPATH_JUDGE_JUDGE_H
#include "base/buf.h"
#include "judge/expect.h"

/* A packet at a point, as remembered for the texts. */
struct sight {
	bool valid;
	uint32_t position; /* of its connection among those of the item */
	uint32_t flow, index, node;
	struct instant at;
	uint64_t packet_id;
	struct tuple tuple;
	bool forgotten;  /* whether it was rewritten on the way is no longer known */
	bool translated; /* the last rewrite before this sight is known: */
	uint32_t translated_node;
	struct instant translated_at;
	struct tuple before, after;
	struct place place; /* of the rule behind the rewrite */
};

/* What let an opening packet through that an expectation wants lost: the rule of a group, else that it arrived. */
struct admission {
	bool valid;
	uint32_t position; /* of its connection among those of the item */
	uint32_t flow, node;
	struct instant at;
	uint64_t packet_id;
	struct verdict verdict; /* .rule NULL: no group and no firewall was asked */
};

/* What a NAT did to a packet last. */
struct rewrite {
	uint64_t packet_id; /* of its flow; 0: none */
	uint32_t flow, node;
	struct instant at;
	struct tuple before, after;
	struct place place;
};

/* How far the opening packets of a connection have followed `hops`. A retransmission starts again where its leg
 * started, so that two packets together never make an order that none of them took. */
struct hop_progress {
	uint32_t packet_id; /* low bits: the opening packet that is followed */
	uint16_t base, now, best;
};

/* How often a connection's opening packets have come to the point of `seen_at`. What one packet does at the point
 * without going elsewhere is one pass; a retransmission counts again from where its leg started. */
struct pass_progress {
	uint32_t packet_id; /* low bits: the opening packet that is followed */
	uint16_t base, now;
	bool there;
};

/* Connections that an item names, in the order in which it names them, no connection twice. */
struct watch_range {
	uint32_t flow, first, last;
	uint32_t order; /* place in the item */
	uint32_t base;  /* position of `first` among the item's connections */
	struct watch *watch;
};

/* What one flow item asks of the trail. Bitmaps have a bit a connection; NULL where not asked. */
struct watch {
	const struct expect_config *expect;
	struct watch_range *ranges;
	size_t n_ranges;
	uint32_t n_connections;
	uint32_t seen_node; /* NONE: wherever it is seen last */
	uint8_t *seen, *bad;
	struct pass_progress *passes;       /* where `pass` is asked */
	struct sight *last_sights;          /* pass: last */
	struct sight first_seen, first_bad; /* of the lowest position */
	uint32_t *hop_nodes;
	struct hop_progress *hops;
	uint32_t *cross_nodes;
	uint8_t **crossed; /* a bitmap a point */
	uint32_t *never_nodes;
	struct sight trespass;
	struct admission admitted; /* where a loss is expected; of the lowest position */
};

struct tap_watch {
	const struct expect_config *expect;
	struct tap_watch *next; /* at the same node */
	uint32_t node;
	void *filter; /* NULL: all packets */
	uint64_t n_matched, n_passed;
	struct sight first;
};

/* What was found at an instant: a NAT's metric or an environment's health. */
struct judge_sample_value {
	bool taken;
	uint64_t value;
	uint32_t failing; /* enum need */
	struct world_need_loss losses[N_NEEDS];
	const struct cause *cause; /* of health that is not as expected; NULL where no causes are made */
};

/* kept for telling which of them made an address; more packets than that are seldom under way in a flow */
#define JUDGE_REWRITES 4096u

struct judge {
	struct arena *arena;
	const struct model *model;
	struct world *world;
	struct judge_causes causes; /* .of_health NULL: none are made */
	struct judge_filters filters;
	struct watch *watches;              /* by expectation; .expect NULL where it is of another form */
	struct tap_watch *taps;             /* the same */
	struct judge_sample_value *samples; /* the same */
	struct watch_range *ranges;         /* of all items, sorted by flow */
	size_t *flow_ranges;                /* n_flows + 1: where each flow's begin */
	struct tap_watch **node_taps;       /* by node */
	uint8_t *node_passed;               /* by node: some packet was seen there */
	struct rewrite *rewrites; /* JUDGE_REWRITES, by flow and number of the packet: the newest of a place stays */
	bool keeps_all_rewrites;  /* some expectation may be about packets that open nothing */
	struct buf text;          /* scratch */
};

/* ---- expect_watch.c: during the run ---- */
int judge_watch(struct judge *judge);
void watch_settle(struct watch *watch); /* at the end: what was the last pass is known now */
static inline bool bitmap_has(const uint8_t *bitmap, uint32_t i)
{
	return (bitmap[i >> 3] >> (i & 7u)) & 1u;
}
static inline void bitmap_set(uint8_t *bitmap, uint32_t i)
{
	bitmap[i >> 3] = (uint8_t)(bitmap[i >> 3] | 1u << (i & 7u));
}
/* Whether the item asks where a packet is seen, or with which addresses; of a packet made by hand also without a point:
 * where it ends. */
static inline bool expect_asks_sight(const struct expect_config *expect)
{
	return expect->has_seen_at ||
	       (expect->packet > 0 &&
		(expect->has_src || expect->has_dst || expect->src_port.given || expect->dst_port.given ||
		 expect->n_src_in + expect->n_src_not_in + expect->n_dst_in > 0));
}
bool watch_accepts(const struct expect_config *expect, const struct tuple *tuple);

/* ---- at the end, each fills in all but name and place; 0 or -ENOMEM ---- */
int judge_flow(struct judge *judge, const struct watch *watch, struct judgement *ret);
int judge_tap(struct judge *judge, const struct tap_watch *tap, struct judgement *ret);
int judge_nat(struct judge *judge, const struct expect_config *expect, const struct judge_sample_value *sample,
	      struct judgement *ret);
int judge_resolve(struct judge *judge, const struct expect_config *expect, struct judgement *ret);
bool health_is_as_expected(const struct expect_config *expect, uint32_t failing);
int judge_health(struct judge *judge, const struct expect_config *expect, const struct judge_sample_value *sample,
		 struct judgement *ret);
int judge_event(struct judge *judge, const struct event_config *event, const char *why, struct judgement *ret);

/* ---- expect_text.c: words; all append to judge->text ---- */
/* Takes what was written so far as a string of the arena, and clears it; NULL where memory is short. */
const char *text_take(struct judge *judge);
void text_connection(struct judge *judge, uint32_t flow, uint32_t index);     /* "burst[3]" */
void text_endpoint(struct judge *judge, be32 addr, be16 port, uint8_t proto); /* "10.0.1.6:49152" */
void text_time(struct judge *judge, struct instant at);                       /* "t=0.000450s" */
void text_range(struct judge *judge, const struct count_range *range);        /* "at least 3" */
void text_verdict(struct judge *judge,
		  const struct verdict *verdict);                   /* "nsg-deny by nsg/only-ase-one, rule deny-rest" */
void text_loss(struct judge *judge, const struct world_loss *loss); /* "t=0.000s ase-one/vip dropped packet 1: ..." */
void text_rewrite(struct judge *judge, const struct sight *sight);  /* "t=0.000s ase-one/vip rewrote packet 1: ..." */
void text_admission(struct judge *judge,
		    const struct admission *admission); /* "t=0.000s sql allowed packet 1: nsg/database, rule apps" */
void text_who(struct judge *judge, uint32_t flow,
	      const struct world_connection *connection); /* "web on ase-one/worker-0, 10.0.1.6:49152" */
void text_stopped(struct judge *judge);                   /* "the run stopped at 60s; raise `stop`" */

/* ---- flow items: expect_flow.c judges, expect_flow_text.c words ---- */
/* In the order in which they are asked; ASPECT_COUNT stands for `connections`, the counts over all. */
enum aspect {
	ASPECT_STARTED,
	ASPECT_OUTCOME,
	ASPECT_REASON,
	ASPECT_SEEN,
	ASPECT_HOPS,
	ASPECT_CROSSES,
	ASPECT_NEVER_CROSSES,
	ASPECT_COUNT
};

struct failure { /* of one aspect */
	uint32_t n;
	uint32_t flow, index, position; /* of the first */
};

struct review { /* of one item */
	struct failure failures[ASPECT_COUNT];
	uint32_t outcomes[OUTCOME_COUNT];
	struct failure first[OUTCOME_COUNT]; /* the first connection of each */
};
bool flow_aspect_is_asked(const struct expect_config *expect, enum aspect aspect);
void text_expected(struct judge *judge, const struct watch *watch, enum aspect aspect);
void text_expected_counts(struct judge *judge, const struct expect_config *expect);
void text_expected_all(struct judge *judge, const struct watch *watch);
void text_actual(struct judge *judge, const struct watch *watch, enum aspect aspect, const struct failure *failure,
		 const struct world_connection *connection);
void text_actual_counts(struct judge *judge, const struct review *found);
void text_actual_outcome(struct judge *judge, const struct world_connection *connection);
void text_actual_pass(struct judge *judge, const struct watch *watch, const struct review *found,
		      const struct world_connection *first);
#endif
