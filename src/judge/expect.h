/* The judge: observes the trail, and says at the end which expectations hold. It needs no trace files.
 *
 * No false green: an item whose flow never started, or whose point no packet ever passed, fails (but not where the
 * expected count is 0). */
#ifndef PKTPATH_JUDGE_EXPECT_H
#define PKTPATH_JUDGE_EXPECT_H
#include "base/arena.h"
#include "network/world.h"

struct cause;
struct judge;
struct judgement {
	bool pass;
	const char *name;     /* the item's `id`, or what it names: "call-internet", "tap internet" */
	struct place place;   /* of the item, or of the timeline event */
	const char *expected; /* "seen at api with source 192.23.1.2" */
	const char *actual;   /* "api saw 192.23.1.2:1024" */
	/* the step that made it so: "t=0.000s ase-one/vip dropped packet 1: snat-ports-exhausted"; NULL where it
	 * passed */
	const char *because;
	const char *where; /* who called, with address: "web on ase-one/worker-0, 10.0.1.6:49152"; NULL where none */
	const char *call;  /* the connection that is reported, "burst[3]"; NULL where none */
	uint32_t call_flow, call_index; /* the same, where `call` is not NULL */
	bool has_packet;                /* the packet to open */
	uint32_t flow;
	uint64_t packet_id;
	const struct cause *cause; /* of health that is not as expected; NULL of all else */
	struct place rule_place;   /* of the rule behind it, PLACE_NONE where there is none */
};

/* Matches a pcap-filter expression; given by the owner because filters live in another layer. */
struct judge_filters {
	void *context;
	/* 0, -ENOMEM, or positive where the expression is wrong. */
	int (*compile)(void *context, const char *expression, void **ret_filter);
	bool (*matches)(void *context, const void *filter, const struct packet *packet);
	void (*release)(void *context, void *filter);
};
/* Makes the cause of an environment's ill health, of what world_health() found at this instant; given by the owner
 * because causes live in another layer. NULL where memory is short. */
struct judge_causes {
	void *context;
	const struct cause *(*of_health)(void *context, uint32_t failing, const struct world_need_loss losses[N_NEEDS]);
};
/* `causes` NULL: none are made. Adds itself to the world's trail (only for the kinds that the expectations need). Arena, model and world outlive the
 * judge. 0; -ENOMEM; -EINVAL where a filter does not compile (the owner checks filters beforehand, to say so at their
 * place). */
int judge_new(struct arena *arena, const struct model *model, struct world *world, const struct judge_causes *causes,
	      const struct judge_filters *filters, struct judge **ret);
/* The earliest `at` of an expectation after `after`, NEVER where there is none: the owner runs the world to it and
 * calls judge_sample(). */
struct instant judge_next_sample(const struct judge *judge, struct instant after);
int judge_sample(struct judge *judge, struct instant at);
/* At the end, once: one judgement an expectation, in the order of the file, then one for each inert timeline event. In
 * the judge's arena. 0 or -ENOMEM. */
int judge_finish(struct judge *judge, const struct judgement **ret, size_t *ret_n);
/* At the end: what became of each flow, whatever was expected. One a flow, in the order of the model. 0 or -ENOMEM. */
struct judge_fate {
	uint32_t flow;
	bool delivered;     /* all its connections were */
	const char *actual; /* "timed_out, first loss nsg-deny by nsg/x", "40 delivered, 2 refused" */
	const char *where;  /* who called; NULL where the call was not made */
};
int judge_fates(struct judge *judge, const struct judge_fate **ret);
struct judge *judge_free(struct judge *judge);

/* Does the packet of this step open its connection, or a leg of it? A DNS query before the call does not. */
bool judge_is_opening(const struct model *model, const struct step *step);
#endif
